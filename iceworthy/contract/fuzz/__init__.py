"""Fuzzing: requests that no client would send. The answer must be a true 2xx or a proper 4xx.

Claim: every advertised operation is sent bodies, queries, headers and names that schemathesis
generated from the contract (valid and invalid), and bodies that this project breaks in known ways.
For each operation and kind of problem there is one finding with the smallest request and its curl
line. What it does NOT show: how a target behaves under many such requests at once.

run.py runs it; generated.py generates requests from the contract; broken_bodies.py breaks valid
bodies; entities.py makes the entities that requests name; problems.py says what is wrong with an
answer.
"""
