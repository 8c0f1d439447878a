"""The page of phones in a real browser: how strangers meet Guardia."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.app.sandbox.switchboard import ANA, MARTA, STRANGER, Switchboard, a_switchboard

pytestmark = pytest.mark.browser

PHONE_SIZED: ViewportSize = {"width": 390, "height": 844}
# Every control has a name that a screen reader can say.
NAMELESS = """() => [...document.querySelectorAll("button, input, select, summary, a, iframe")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length))
  .map((one) => one.outerHTML)"""


@pytest.fixture
def switchboard() -> Iterator[Switchboard]:
    with a_switchboard() as switchboard:
        yield switchboard


@pytest.fixture
def board(page: Page, switchboard: Switchboard) -> Page:
    page.goto(switchboard.url)
    expect(phone_of(page, "Marta Ruiz")).to_be_visible()
    return page


def test_a_whole_call_between_two_phones(board: Page) -> None:
    marta, ana = phone_of(board, "Marta Ruiz"), phone_of(board, "Ana Paz")

    marta.get_by_role("button", name="Llamar").click()
    expect(marta.get_by_role("log", name="Lo que oye Marta Ruiz")).to_contain_text("Marque 1.")
    expect(marta).to_contain_text("Espera una tecla")
    marta.get_by_role("button", name="1", exact=True).click()
    expect(ana).to_contain_text("Llama Guardia")
    expect(board.get_by_role("status").first).to_contain_text("Suena el teléfono de Ana Paz")
    expect(board.get_by_text("Se abrió el incidente.")).to_be_visible()
    expect(board.get_by_text("Nadie lo tomó todavía")).to_be_visible()
    ana.get_by_role("button", name="Atender").click()
    expect(ana).to_contain_text("Para tomarlo, marque 1.")
    ana.get_by_role("button", name="1", exact=True).click()
    expect(ana).to_contain_text("Hablando con Marta Ruiz")
    expect(marta).to_contain_text("Hablando con Ana Paz")
    say(marta, "No entran los leads")
    expect(ana).to_contain_text("Marta No entran los leads")
    say(ana, "Ya lo miro")
    expect(marta).to_contain_text("Usted No entran los leads")
    expect(marta).to_contain_text("Ana Ya lo miro")
    expect(board.get_by_text("Ana Paz tomó el incidente.")).to_be_visible()
    ana.get_by_role("button", name="Cortar").click()
    expect(ana).to_contain_text("Terminó la llamada con Guardia")
    expect(ana).to_contain_text("Ya lo miro")


def test_a_played_file_sounds_in_the_browser(board: Page, switchboard: Switchboard) -> None:
    marta = phone_of(board, "Marta Ruiz")
    board.get_by_role("button", name=re.compile("sonido", re.IGNORECASE)).click()
    marta.get_by_role("button", name="Llamar").click()
    expect(marta).to_contain_text("Espera una tecla")
    exchange = switchboard.exchange

    with board.expect_request("**/voice/recordings/1.wav") as asked, exchange.lock:
        call = exchange.phone(MARTA).call
        assert call is not None
        call.hear("♪ No entran los leads", "", 3, sound="https://guardia.example/voice/recordings/1.wav")

    assert asked.value.resource_type == "media"


def test_any_case_may_be_read_and_the_record_follows_the_phone_in_use(
    board: Page, switchboard: Switchboard
) -> None:
    renata = "+5511988880211"
    for reference, around in (
        ("G-1042", {"phones": [MARTA, ANA]}),
        ("G-1043", {"phones": [renata]}),
        ("G-1044", {"phones": [], "calls": []}),
    ):
        switchboard.write_case(reference, around)
    record = board.locator(".column-record .reference")
    expect(record).to_have_text("G-1044")

    phone_of(board, "Renata Alves").get_by_role("button", name="Renata Alves").click()
    expect(record).to_have_text("G-1043")
    board.get_by_label("Caso").select_option("G-1044")
    expect(record).to_have_text("G-1044")
    board.get_by_label("Caso").select_option("G-1042")
    expect(record).to_have_text("G-1042")
    switchboard.write_case("G-1045", {"phones": [renata]})
    expect(board.get_by_label("Caso").locator("option")).to_have_count(4)
    expect(record).to_have_text("G-1042")
    phone_of(board, "Renata Alves").get_by_role("button", name="Renata Alves").click()
    expect(record).to_have_text("G-1045")
    phone_of(board, "Ana Paz").get_by_role("button", name="Ana Paz").click()
    expect(record).to_have_text("G-1042")


def test_the_keyboard_is_enough(board: Page, switchboard: Switchboard) -> None:
    marta, ana = phone_of(board, "Marta Ruiz"), phone_of(board, "Ana Paz")

    marta.get_by_role("button", name="Llamar").press("Enter")
    expect(marta).to_contain_text("Espera una tecla")
    board.keyboard.press("1")
    expect(ana).to_contain_text("Llama Guardia")
    ana.get_by_role("button", name="Atender").press("Enter")
    expect(ana).to_contain_text("Espera una tecla")
    board.keyboard.press("1")

    expect(ana).to_contain_text("Hablando con Marta Ruiz")
    expect(ana).to_be_focused()


def test_digits_typed_into_a_field_press_no_key(board: Page, switchboard: Switchboard) -> None:
    marta = phone_of(board, "Marta Ruiz")
    marta.get_by_role("button", name="Llamar").click()
    expect(marta).to_contain_text("Espera una tecla")
    marta.locator("summary").click()

    marta.get_by_label("Escriba un mensaje…").press_sequentially("1234")

    assert switchboard.exchange.story.of("pressed", number=MARTA) == []


def test_a_number_may_be_withheld(board: Page, switchboard: Switchboard) -> None:
    stranger = phone_of(board, "Un desconocido")
    stranger.get_by_role("button", name="Un desconocido").click()

    stranger.get_by_role("switch", name="Ocultar mi número").check()
    stranger.get_by_role("button", name="Llamar").click()

    expect(stranger).to_contain_text("Espera una tecla")
    (dialled,) = switchboard.exchange.story.of("dialled", number=STRANGER)
    assert dialled.detail["withheld"] is True


def test_a_declined_call_is_a_missed_one(board: Page) -> None:
    marta, ana = phone_of(board, "Marta Ruiz"), phone_of(board, "Ana Paz")
    marta.get_by_role("button", name="Llamar").click()
    marta.get_by_role("button", name="1", exact=True).click()

    ana.get_by_role("button", name="Rechazar").click()

    expect(ana).to_contain_text("Perdida: Guardia")


def test_a_phone_may_be_switched_off(board: Page, switchboard: Switchboard) -> None:
    ana = phone_of(board, "Ana Paz")
    ana.get_by_role("button", name="Ana Paz").click()

    ana.get_by_label("Si lo llaman").select_option("off")

    expect(ana.get_by_role("heading")).to_contain_text("está apagado")


def test_a_text_is_answered_where_it_came_from(board: Page, switchboard: Switchboard) -> None:
    ana = phone_of(board, "Ana Paz")
    ana.get_by_role("button", name="Ana Paz").click()
    ana.locator("summary").click()

    ana.get_by_label("Escriba un mensaje…").fill("who")
    ana.get_by_role("button", name="Enviar").click()

    expect(ana.get_by_role("log", name="Mensajes de Ana Paz")).to_contain_text("who")
    expect(ana).to_contain_text("para Guardia")


def test_a_text_being_written_outlives_the_ring(board: Page, switchboard: Switchboard) -> None:
    marta, ana = phone_of(board, "Marta Ruiz"), phone_of(board, "Ana Paz")
    marta.get_by_role("button", name="Llamar").click()
    marta.get_by_role("button", name="1", exact=True).click()
    expect(ana).to_contain_text("Llama Guardia")
    ana.locator("summary").click()
    ana.get_by_label("Escriba un mensaje…").fill("4821")

    switchboard.exchange.phone(ANA).reject()

    expect(ana).to_contain_text("Perdida: Guardia")
    expect(ana.get_by_label("Escriba un mensaje…")).to_have_value("4821")


def test_mail_is_shown_without_its_scripts(board: Page, switchboard: Switchboard) -> None:
    switchboard.mail(
        "[G-1042] Recibimos su llamado",
        "<p id=letter>Hola <script>document.getElementById('letter').textContent = 'harm'</script></p>"
        "<p><img src=x onerror=\"parent.document.title = 'harm'\"></p>",
    )

    board.get_by_role("button", name="[G-1042] Recibimos su llamado").click()

    dialog = board.get_by_role("dialog", name="[G-1042] Recibimos su llamado")
    expect(dialog.frame_locator("iframe").locator("#letter")).to_contain_text("Hola")
    expect(dialog.frame_locator("iframe").locator("#letter")).not_to_contain_text("harm")
    dialog.get_by_role("button", name="Como texto").click()
    expect(dialog).to_contain_text("Solo texto")
    board.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert "harm" not in board.title()


@pytest.mark.parametrize(("language", "button"), [("en", "Dial"), ("pt", "Ligar"), ("es", "Llamar")])
def test_the_page_speaks_three_languages(board: Page, language: str, button: str) -> None:
    board.get_by_label("Idioma de esta página").select_option(language)

    expect(phone_of(board, "Marta Ruiz").get_by_role("button", name=button, exact=True)).to_be_visible()
    expect(board.locator("html")).to_have_attribute("lang", language)
    board.reload()
    expect(phone_of(board, "Marta Ruiz").get_by_role("button", name=button, exact=True)).to_be_visible()


def test_the_phone_in_the_hand_is_read_aloud_in_its_language(page: Page, switchboard: Switchboard) -> None:
    page.add_init_script(
        "speechSynthesis.speak = (one) => {"
        " const { dataset } = document.documentElement;"
        " dataset.read = (dataset.read ?? '') + `${one.lang}: ${one.text} `; };"
    )
    page.goto(switchboard.url)
    marta, ana = phone_of(page, "Marta Ruiz"), phone_of(page, "Ana Paz")
    read_aloud = page.locator("html")
    marta.get_by_role("button", name="Llamar").click()
    expect(marta).to_contain_text("Espera una tecla")
    expect(read_aloud).not_to_have_attribute("data-read", re.compile("."))

    page.get_by_role("button", name="Sin sonido").click()
    expect(read_aloud).to_have_attribute("data-read", "es-MX: Guardia de Aivo. Marque 1. ")
    marta.get_by_role("button", name="1", exact=True).click()
    expect(read_aloud).to_have_attribute("data-read", re.compile("es-MX: Estamos llamando a Ana. $"))
    ana.get_by_role("button", name="Atender").click()
    expect(read_aloud).to_have_attribute("data-read", re.compile("es-MX: Para tomarlo, marque 1. $"))


def test_every_control_has_a_name(board: Page) -> None:
    marta = phone_of(board, "Marta Ruiz")
    marta.get_by_role("button", name="Llamar").click()
    marta.get_by_role("button", name="1", exact=True).click()
    expect(phone_of(board, "Ana Paz")).to_contain_text("Llama Guardia")

    assert board.evaluate(NAMELESS) == []
    assert board.locator("h1").count() == 1


def test_on_a_phone_one_part_at_a_time_and_nothing_overflows(
    browser: Browser, switchboard: Switchboard
) -> None:
    context = browser.new_context(viewport=PHONE_SIZED, locale="en-US", color_scheme="dark")
    page = context.new_page()
    page.goto(switchboard.url)
    phone_of(page, "Marta Ruiz").get_by_role("button", name="Dial").click()
    phone_of(page, "Marta Ruiz").get_by_role("button", name="1", exact=True).click()
    tabs = page.get_by_role("navigation").get_by_role("button")
    expect(tabs.nth(1)).to_contain_text("1")

    widths = {}
    for tab, heading in enumerate(("Clients", "The guard", "Record", "Mail")):
        tabs.nth(tab).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_have_count(1)
        widths[heading] = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert set(widths.values()) == {PHONE_SIZED["width"]}


def phone_of(page: Page, owner: str) -> Locator:
    """A person's first phone."""
    return page.get_by_role("article", name=owner).first


def say(phone: Locator, words: str) -> None:
    phone.get_by_label("Diga algo…").fill(words)
    phone.get_by_role("button", name="Decir").click()
