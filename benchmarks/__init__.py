"""`make bench`: how fast the program is here, mostly as ratios to a bare page on the same machine at the same time."""
