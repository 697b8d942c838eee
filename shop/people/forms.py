"""What the people pages accept; the verbs say which field is wrong and in what words."""

from typing import Annotated

from pydantic import BaseModel, Field

Code = Annotated[str, Field(max_length=100)]
Written = Annotated[str, Field(max_length=200)]


class InviteForm(BaseModel):
    model_config = {"extra": "forbid"}
    phone: Written = ""
    name: Written = ""
    role: Code = ""
    place: Code = ""


class HelperForm(BaseModel):
    model_config = {"extra": "forbid"}
    phone: Written = ""
    name: Written = ""
    station: Code = ""


class PostForm(BaseModel):
    model_config = {"extra": "forbid"}
    role: Code = ""
    place: Code = ""


class StationForm(BaseModel):
    model_config = {"extra": "forbid"}
    station: Code = ""


class ReasonForm(BaseModel):
    model_config = {"extra": "forbid"}
    reason: Annotated[str, Field(max_length=2000)] = ""


class PlainForm(BaseModel):
    model_config = {"extra": "forbid"}
