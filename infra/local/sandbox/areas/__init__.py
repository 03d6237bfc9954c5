"""The Graph paths, one file per area; every module here offers its ROUTES and is found by scan."""
