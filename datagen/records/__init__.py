"""Response → turns → the records that trainers read. Pure and local: it knows no annotations, files or networks."""
