"""Does data train: what is read, masked and learnt."""
