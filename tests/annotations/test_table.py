"""Sorting by row: the quick ways give the order that numpy's stable sorts give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datagen.annotations import table

_ROWS = st.integers(0, 5)
_ORDERS = st.one_of(st.integers(-3, 3), st.integers(-(1 << 62), 1 << 62))


@given(st.lists(_ROWS, max_size=30))
def test_by_row_is_a_stable_sort(rows: list[int]) -> None:
    numbers = np.array(rows, np.int32)
    assert table._by_row(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()


@given(st.lists(st.tuples(_ROWS, _ORDERS), max_size=30))
def test_by_row_and_order_is_a_stable_sort_of_both(pairs: list[tuple[int, int]]) -> None:
    rows, orders = np.array([row for row, _ in pairs], np.int32), np.array([order for _, order in pairs], np.int64)
    assert table._by_row_and(orders, rows).tolist() == np.lexsort((orders, rows)).tolist()
