"""The yardstick: an `async def` route under the same server that answers 12 kB, and a bare FastAPI + Jinja list of 24."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment

app = FastAPI()
PAGE = "<!doctype html><html><body>" + "<p>集市</p>" * 900 + "</body></html>"
LIST = (
    "{% for p in products %}<li><a href='/p/{{ p.id }}'>{{ p.name }}</a> ¥{{ '%.2f' % (p.price / 100) }} {{ p.station }}</li>{% endfor %}"
)
template = Environment(loader=DictLoader({"list": LIST}), autoescape=True).get_template("list")
products = [{"id": f"P{n}", "name": f"第 {n} 种物产", "price": 3900 + n, "station": "葛家驿站"} for n in range(24)]


@app.get("/static12k", response_class=HTMLResponse)
async def static12k() -> str:
    return PAGE


@app.get("/jinja24", response_class=HTMLResponse)
async def jinja24() -> str:
    return template.render(products=products)
