"""Builds the deployment package: what Azure runs, with its dependencies and bytecode, byte for byte."""
