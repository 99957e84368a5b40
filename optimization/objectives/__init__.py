"""What a search aims for: objectives in plain and robust forms, constraints, several objectives at once, and a user's own."""

from optimization.objectives.blocks import Cut, cut_of
from optimization.objectives.judge import Judge, ObjectiveError, judge_of
from optimization.objectives.metric import OBJECTIVE_METRICS, Goal, MetricValues, objective_value

__all__ = ["OBJECTIVE_METRICS", "Cut", "Goal", "Judge", "MetricValues", "ObjectiveError", "cut_of", "judge_of", "objective_value"]
