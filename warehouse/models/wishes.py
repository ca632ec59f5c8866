"""Who may want which product: products and what they are worth, customers as they were, the wish learnt from buying."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from warehouse.models import logistic

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

WORDS = {  # feature: what it says for a product when it is high, and when it is low
    "money": ("has money to place", "has little money here yet"),
    "tolerance": ("takes risk by questionnaire", "is careful by questionnaire"),
    "age_years": ("of the age who buy it", "younger than most, as its buyers are"),
    "tenure": ("with the bank for long", "new with the bank"),
    "activity": ("active", ""),
    "digital": ("uses the app often", ""),
    "is_salaried": ("salary comes here", ""),
    "contacts": ("often in touch", ""),
}
FEATURES = tuple(WORDS)


@dataclass(frozen=True)
class Product:
    """A product that may be offered, and what it is worth."""

    code: str
    name: str
    risk: int
    margin_percent: float
    fixed_margin_cny: float
    usual_share: float
    least_cny: float
    most_cny: float
    renewed_share: float = 0.0  # of its holders whose term ends within the window

    def margin(self, money: "Numbers") -> "Numbers":
        """Margin of a year at the amount usual for customers with so much money, CNY."""
        import numpy as np

        amount = np.clip(money * self.usual_share, self.least_cny, self.most_cny)
        margin: Numbers = (self.fixed_margin_cny + amount * self.margin_percent / 100).round(2)
        return margin


@dataclass(frozen=True)
class Customers:
    """Customers as they were on one or more days."""

    rows: "pa.Table"
    products: list[Product]

    def of(self, days: list[date]) -> "Customers":
        """Those of some days."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kept = pc.is_in(self.rows["as_of_date"], pa.array(days, pa.date32()))
        return Customers(self.rows.filter(kept), self.products)

    def column(self, name: str) -> "Numbers":
        """A column of numbers."""
        values: Numbers = self.rows[name].to_numpy().astype(float)
        return values

    def among(self, column: str, code: str) -> "Flags":
        """Whether a product is in a comma-separated list of products."""
        import numpy as np

        place, lists = self._lists[column]
        found: Flags = np.array([code in codes for codes in lists], dtype=bool)[place]
        return found

    @cached_property
    def _lists(self) -> "dict[str, tuple[NDArray[np.int64], list[frozenset[str]]]]":
        """Of both columns of lists: which of the different lists each customer has, and these lists."""
        encoded = {}
        for name in ("held_products", "bought_products"):
            column = self.rows[name].combine_chunks().dictionary_encode()
            lists = [frozenset(text.split(",")) for text in column.dictionary.to_pylist()]
            encoded[name] = (column.indices.to_numpy(), lists or [frozenset()])
        return encoded

    @cached_property
    def holdings(self) -> "dict[str, Flags]":
        """Who holds each product."""
        return {product.code: self.among("held_products", product.code) for product in self.products}

    @cached_property
    def _own(self) -> "Numbers":
        import numpy as np

        return np.column_stack([self.column(name) for name in FEATURES])

    def features(self, code: str, chosen: "NDArray[np.int64] | slice" = slice(None)) -> "Numbers":
        """Features of the chosen rows with what else is held, columns as in FEATURES and then the other products."""
        import numpy as np

        others = [held[chosen] for other, held in self.holdings.items() if other != code]
        return np.column_stack([self._own[chosen], *others])


@dataclass(frozen=True)
class Propensity:
    """What is known of the wish for one product: a model, or only its popularity."""

    product: Product
    popularity: float
    model: logistic.Logistic | None
    new_share: float = 1.0  # of its openings that are no renewal

    def probability(self, customers: Customers) -> "Numbers":
        """Probability that each customer buys it in the window."""
        import numpy as np

        if self.model is None:
            return np.full(customers.rows.num_rows, self.popularity)
        return (self.model.probability(customers.features(self.product.code)) * self.new_share).round(6)


def products_of(rows: "pa.Table") -> list[Product]:
    """The catalogue, in the order of its rows."""
    wanted = (
        "product_code", "product_name", "product_risk", "margin_percent", "fixed_margin_cny", "usual_share",
        "least_amount_cny", "most_amount_cny", "renewed_share",
    )  # fmt: skip
    return [Product(*values) for values in zip(*(rows[name].to_pylist() for name in wanted), strict=True)]


def learn(customers: Customers, today: Customers) -> list[Propensity]:
    """The wish for each product among customers who did not hold it; `today` tells how many hold it."""
    wishes = []
    for product in customers.products:
        free = ~customers.holdings[product.code]
        bought = customers.among("bought_products", product.code)[free]
        model = None
        if logistic.can_learn(bought):
            model = logistic.fit(customers.features(product.code)[free], bought)
        fresh = new_share(product, customers, today)
        popularity = float(bought.mean()) * fresh if len(bought) else 0.0
        wishes.append(Propensity(product, popularity, model, fresh))
    return wishes


def new_share(product: Product, customers: Customers, today: Customers) -> float:
    """Share of the openings after the days of `customers` that are more than the renewals of a steady state.

    Of a term deposit the source tells only the running term: every one of three months was opened in the last three.
    As many as hold it, times the share of them whose term ends in the window, are expected to be renewals.
    """
    import numpy as np

    if not product.renewed_share or not today.rows.num_rows:
        return 1.0
    renewals = float(today.holdings[product.code].mean()) * product.renewed_share
    opened = customers.among("bought_products", product.code)
    _, day = np.unique(customers.rows["as_of_date"].to_numpy(), return_inverse=True)
    by_day, people = np.bincount(day, opened), np.bincount(day)
    return float(np.maximum(by_day - renewals * people, 0).sum() / max(by_day.sum(), 1))
