"""Requests that no client would send, and what must come of each: a truthful 2xx or an honest 4xx.

Claim: every advertised operation is sent bodies, queries, headers and names that schemathesis made
of the contract, lawful and not, and bodies that this project breaks in known ways; of each
operation and kind of problem one finding tells the smallest request, with its curl line. What it
does NOT show: anything of many such requests at the same time.

run.py runs it; generated.py makes requests from the contract, broken.py breaks lawful bodies,
scene.py is what they are about, problems.py says what is wrong with an answer.
"""
