"""The checks of Kanri's own posture: one file each, see core.posture."""
