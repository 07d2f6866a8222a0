"""What an index would be asked for, read from the texts of statements."""

from __future__ import annotations

import pytest

from mc_postgres.advice.conditions import read_conditions


@pytest.mark.parametrize(
    ("text", "tables", "conditions"),
    [
        ("select * from t where a = $1 and b > $2", "t", "a= b<"),
        ("select * from s.t as x where x.a in ($1, $2) and x.b between $3 and $4", "s.t:x", "x.a= x.b<"),
        ("select * from t where a = any ($1)", "t", "a="),
        ("select * from t where a = $1 or b = $2", "t", ""),
        ("select * from t where a = $1 and (b = $2 or c = $3)", "t", "a="),
        ("select * from t where ((a = $1) and (b = $2))", "t", "a= b="),
        ("select * from t where (a = $1 and b = $2) or c = $3", "t", ""),
        ("select * from t where not (a = $1) and b = $2", "t", "b="),
        ("select * from t where not a = $1 and b not in ($2) and c is not null and d = $3", "t", "d="),
        ("select * from t, u v join w on w.id = v.id and w.k = $1 where t.a = $2", "t u:v w", "w.k= t.a="),
        ("update t set a = $1 where b = $2 returning c", "t", "b="),
        ("delete from only t where a < $1", "t", "a<"),
        ("select (select max(x) from u where u.k = $1) from t where a = $2 limit $3", "u t", "u.k= a="),
        ('select * from "Odd t" where "A b" = $1', "Odd t", "A b="),
        ("select case when a = $1 then b = $2 end from t", "t", ""),
        ("select * from t where a = b and a <> $1 and f(a) = $2 and a like $3", "t", ""),
        ("insert into t values ($1, $2)", "", ""),
        ("select 'cut off", "", ""),
        ("select 1; select 2", "", ""),
    ],
)
def test_conditions_are_read(text: str, tables: str, conditions: str) -> None:
    mentions, found = read_conditions(text)
    spelled = [f"{m.schema}.{m.name}".lstrip(".") + (f":{m.alias}" if m.alias != m.name else "") for m in mentions]
    assert " ".join(spelled) == tables
    marked = [f"{c.table}.{c.column}".lstrip(".") + ("=" if c.is_equality else "<") for c in found]
    assert " ".join(marked) == conditions
