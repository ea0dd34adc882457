"""Does this data train? A toy LLaVA is trained on a file of it, in the paper's two stages, on the CPU.

`masking` and `lessons` read records as LLaVA's trainer does, `words` and `pictures` turn them into numbers, `toy` is
the model, `training` teaches it, `classroom` asks it whether it looks at the picture, `report` tells. Nothing is ever
downloaded.
"""
