"""Kill -9 at random: nothing lost, nothing doubled."""
