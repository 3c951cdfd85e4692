import pytest
from fiction.story import Story
from relocation.models import Stage
def test_all(ground, referred):
    s = Story(ground, referred.pk).to(Stage.RESETTLED)
