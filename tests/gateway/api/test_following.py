"""Following a case by the API: who may, what is answered, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest


async def test_whoever_follows_sees_what_a_colleague_did_until_they_have_looked(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("carol")
    case = house.case()
    megan, carol = await browser("megan"), await browser("carol")
    status, standing, _ = await megan.post(f"/api/v1/cases/{case.reference}/follow", {"following": True})
    assert (status, standing["following"]) == (200, True)
    assert standing["followers"] == [{"username": "megan", "name": "Megan"}]
    assert (await carol.get(f"/api/v1/cases/{case.id}/followers"))[1]["following"] is False
    version = (await carol.get(f"/api/v1/cases/{case.id}"))[1]["version"]
    changed = await carol.send(
        "PATCH", f"/api/v1/cases/{case.id}", {"risk": "major"}, headers={"If-Match": f'"{version}"'}
    )
    assert changed[0] == 200, changed[1]
    (followed,) = (await megan.get("/api/v1/following"))[1]["items"]
    assert (followed["case"], followed["reference"], followed["customer"]) == (case.id, case.reference, "江敏")
    assert (followed["news"]["action"], followed["news"]["actor"]) == ("changed", "agent:Carol")
    assert (await carol.get("/api/v1/following"))[1]["items"] == []
    assert (await megan.post("/api/v1/following/seen", {"cases": [case.id]}))[0] == 204
    assert (await megan.get("/api/v1/following"))[1]["items"][0]["news"] is None
    status, standing, _ = await megan.post(f"/api/v1/cases/{case.id}/follow", {"following": False})
    assert (status, standing) == (200, {"following": False, "followers": []})


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/api/v1/cases/none/follow", {"following": True}, 404, "no case"),
        ("/api/v1/cases/{id}/follow", {}, 422, "following"),
        ("/api/v1/cases/{id}/follow", {"following": "perhaps"}, 422, "following"),
        ("/api/v1/following/seen", {"cases": []}, 422, "cases"),
        ("/api/v1/following/seen", {"cases": ["c"] * 201}, 422, "cases"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    house: Any, browser: Any, path: str, body: dict[str, Any], status: int, told: str
) -> None:
    house.agent("megan")
    agent = await browser("megan")
    got, problem, _ = await agent.post(path.format(id=house.case().id), body)
    assert got == status
    assert told in str(problem)


async def test_a_machine_follows_nothing(house: Any, browser: Any) -> None:
    case = house.case()
    machine = await browser()
    headers = {"Authorization": f"Bearer {house.key('cases:read')}"}
    got, problem, _ = await machine.post(f"/api/v1/cases/{case.id}/follow", {"following": True}, headers=headers)
    assert (got, problem["code"]) == (403, "not_allowed")
