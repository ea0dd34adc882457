"""Finding-makers, one function a check. They judge; they neither read files nor decide what becomes of a record."""
