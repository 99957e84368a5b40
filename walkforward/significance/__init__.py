"""Statistics of luck: is a result an edge, or was it looked for too often? One method a file; arrays and numbers in, frozen results out."""
