"""Of which country a number is: what is foreign to a contract is not called back."""

import pytest

from app.countries import country_of


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+5491155550101", "AR"),
        ("+5511955550102", "BR"),
        ("+34600123456", "ES"),
        ("+12125550123", "US"),
        ("+18005550123", "US"),  # whatever the plan of North America does not tell apart
        ("+88213300655", "001"),  # a satellite telephone belongs to no country
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_a_number_has_the_country_of_its_plan(number: str, country: str) -> None:
    assert country_of(number) == country
