"""The contract suite: small questions about each operation of the specification, for any target.

case          what a case is and where cases are found
cases/        the cases, one file per subject
desk          how a case sends requests and states what must hold
capabilities  what a case may need of a target beyond its operations
run           the experiment "contract"
"""
