"""Proof by real builds: the file before and the file after, built, started and asked, with the user's own Docker engine."""

from service.proof.engine import Engine, NoEngine, find_engine
from service.proof.model import Answer, Build, Check, Plan, Proof, Weight
from service.proof.plan import BadPlan, read_plan
from service.proof.prove import Wanted, prove

__all__ = ["Answer", "BadPlan", "Build", "Check", "Engine", "NoEngine", "Plan", "Proof", "Wanted", "Weight", "find_engine", "prove", "read_plan"]
