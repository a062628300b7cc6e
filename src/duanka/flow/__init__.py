"""The money graph as arrays, and the compiled kernels over it. Arrays in, arrays out: no files, no SQL, no names."""
