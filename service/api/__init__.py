"""Routes: convert, call, convert. Only `convert` and `editing` know the library."""
