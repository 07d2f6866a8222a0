"""The restart budget and the pauses, with a clock that is passed in."""

from __future__ import annotations

from mc_host.supervisor.budget import Backoff, RestartBudget


def test_l6_budget_is_a_sliding_window_of_ten_in_any_sixty_minutes() -> None:
    budget = RestartBudget(limit=10, window_s=3600.0)
    assert all(budget.spend(now) for now in range(0, 3000, 300))  # ten restarts, at 0, 300, … 2700
    assert not budget.spend(3599.0)
    assert budget.wait_s(3599.0) == 1.0
    assert budget.spend(3600.0)  # the one at 0 has left the window, nothing else
    assert not budget.spend(3601.0)
    assert budget.spend(3900.0)


def test_refused_restart_costs_nothing() -> None:
    budget = RestartBudget(limit=1, window_s=10.0)
    assert budget.spend(0.0)
    assert not any(budget.spend(now) for now in (1.0, 5.0, 9.9))
    assert budget.spend(10.0)


def test_budget_of_zero_never_restarts() -> None:
    budget = RestartBudget(limit=0, window_s=10.0)
    assert not budget.spend(0.0) and budget.wait_s(0.0) == 10.0


def test_backoff_doubles_to_its_limit_and_starts_over() -> None:
    backoff = Backoff(first_s=0.5, max_s=3.0)
    assert [backoff.next_s() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.next_s() == 0.5
