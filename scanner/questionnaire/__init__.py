"""What waits for people: questions by role, to be read, filled and given back as attestations."""

from scanner.questionnaire.questions import Question, questions
from scanner.questionnaire.roles import Roles, load_roles

__all__ = ["Question", "Roles", "load_roles", "questions"]
