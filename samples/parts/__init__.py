"""The parts `samples/draw.py` draws its pictures from."""
