"""Is it true? Texts about a picture → claims → what boxes and captions say of each. It knows no files and no checks."""
