"""Realistic linked extracts for tests, benchmarks, training and demonstrations. All of it is made up."""
