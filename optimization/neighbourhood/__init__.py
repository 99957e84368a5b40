"""What lies around the winner of a stage: a plateau, on which a small error in a parameter costs little, or a spike."""
