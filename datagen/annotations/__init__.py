"""COCO-style files → ImageContext. Pure and local: nothing here knows of prompts, models or the run folder."""
