"""How people use the channels and how the bank sells to them: these assumptions of the simulation, part of `Bank`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Habits:
    """How people use the channels, percent of users unless said otherwise."""

    regular: float = 42  # log in every few days
    occasional: float = 28  # log in now and then
    regular_logins: float = 2.2  # a week
    occasional_logins: float = 0.3  # a week
    detailed_days: int = 14  # before the first date; of older months only the last login of each channel is kept
    months_kept: int = 12
    with_handle: float = 20  # follow the bank on social media
    posts: float = 0.4  # a year and handle


@dataclass(frozen=True)
class Consents:
    """What people consent to when they register, percent of people."""

    marketing: tuple[float, float, float, float] = (66, 58, 33, 18)  # by app, text message, e-mail, telephone
    profiling: float = 78
    partner_sharing: float = 11
    social_linking: float = 35
    changed: float = 6  # a year, who change one of them


@dataclass(frozen=True)
class Sales:
    """Leads, opportunities and campaigns, percent of adults a year unless said otherwise."""

    leads: float = 12
    direct_opportunities: float = 7  # found by the relationship manager without a lead
    worked: float = 62  # of leads
    qualified: float = 62  # of opportunities, more for a good score
    proposed: float = 68  # of those qualified
    won: float = 48  # of those with a proposal
    abandoned: float = 12  # of opportunities that go no further nobody says so
    asked: float = 15  # of customers by each campaign
    unsubscribe: float = 0.8  # of people treated by a campaign
    looked_first: float = 55  # of those who show interest, on the pages of the product before


@dataclass(frozen=True)
class Staff:
    """How relationship managers use the customer system."""

    customers_each: int = 200
    most: int = 400
    weeks_kept: int = 26  # of use before the first date
