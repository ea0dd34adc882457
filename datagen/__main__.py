"""`python -m datagen` is `datagen`."""

from datagen.cli import main

main()
