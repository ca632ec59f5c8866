"""The data dictionary, in English and Chinese, rendered from the contracts: two documents and one page to search."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from warehouse.contract import LAYERS, Column, Contract
from warehouse.types import KEEP, TYPES, SemanticType

PAGE = Path(__file__).with_name("dictionary.html")
HEADINGS = {
    "en": ("Column", "Type", "Class", "Masked as", "Codes", "Landed as", "Meaning"),
    "zh": ("字段", "类型", "安全级别", "脱敏方式", "代码", "来源字段", "含义"),
}
TYPE_HEADINGS = {
    "en": ("Type", "Stored as", "Class", "Form", "Meaning"),
    "zh": ("类型", "存储", "安全级别", "格式", "含义"),
}
WORDS = {
    "en": {
        "title": "Data dictionary",
        "grain": "One row per",
        "owner": "Owner",
        "made": "Made by",
        "required": "required",
        "types": "Types",
        "union": "every staging table with entity: {}",
    },
    "zh": {
        "title": "数据字典",
        "grain": "每行代表",
        "owner": "负责方",
        "made": "生成方式",
        "required": "必填",
        "types": "数据类型",
        "union": "所有声明 entity: {} 的标准化表",
    },
}


def write_dictionary(contracts: Mapping[str, Contract], folder: Path) -> Path:
    """Write dictionary.md, dictionary.zh.md and dictionary.html into `folder`; returns the page.

    The page holds everything itself: it works without a network and at the width of a telephone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = sorted(contracts.values(), key=lambda contract: (LAYERS.index(contract.layer), contract.name))
    (folder / "dictionary.md").write_text(_document(tables, "en"), encoding="utf-8")
    (folder / "dictionary.zh.md").write_text(_document(tables, "zh"), encoding="utf-8")
    page = folder / "dictionary.html"
    page.write_text(_page(tables), encoding="utf-8")
    return page


def maker(contract: Contract, language: str = "en") -> str:
    """What the rows of a table are made by: the landed table, the SQL file, the union or the step."""
    if contract.landing:
        return f"landing/{contract.source}/{contract.landing}"
    if contract.sql_path:
        return f"{contract.layer}/{contract.sql_path.name}"
    if contract.unites:
        return WORDS[language]["union"].format(contract.unites)
    return contract.made_by or f"{contract.layer}/{contract.name.removeprefix('seed_')}.csv"


def _facts(name: str, column: Column, language: str) -> tuple[str, ...]:
    """What the dictionary says of a column, in the order of the headings."""
    kind = [column.type, *([WORDS[language]["required"]] if column.required else [])]
    pointing = [f"→ {column.references}"] if column.references else []
    mask = column.semantic.mask
    return (
        name,
        ", ".join(kind + pointing),
        column.semantic.privacy,
        "" if mask == KEEP else mask.format(column=name),
        ", ".join(f"{code} = {value}" for code, value in column.codes.items()) or ", ".join(column.values),
        column.landed or "",
        column.zh if language == "zh" else column.description,
    )


def _types(tables: Sequence[Contract]) -> list[tuple[str, SemanticType]]:
    """The semantic types that some column has, in the order they are declared."""
    used = {column.type for contract in tables for column in contract.columns.values()}
    return [(name, semantic) for name, semantic in TYPES.items() if name in used]


def _type_facts(name: str, semantic: SemanticType, language: str) -> tuple[str, ...]:
    """What the dictionary says of a type, in the order of the headings."""
    bounds = [f"{sign} {bound}" for sign, bound in (("≥", semantic.minimum), ("≤", semantic.maximum)) if bound]
    form = semantic.pattern or ", ".join(bounds)
    meaning = semantic.zh if language == "zh" else semantic.description
    return name, semantic.sql, semantic.privacy, form, meaning


def _summary(contract: Contract, language: str) -> str:
    words = WORDS[language]
    grain = ", ".join(contract.grain)
    return f"{words['grain']} {grain} · {words['owner']} {contract.owner} · {words['made']} {maker(contract, language)}"


def _document(tables: Sequence[Contract], language: str) -> str:
    """All tables as Markdown."""
    lines = [f"# {WORDS[language]['title']}"]
    for contract in tables:
        lines += ["", f"## {contract.name}", "", contract.zh if language == "zh" else contract.description, ""]
        lines += [_summary(contract, language), ""]
        rows = [_facts(name, column, language) for name, column in contract.columns.items()]
        lines += [_line(HEADINGS[language]), _line(["---"] * len(HEADINGS[language]))]
        lines += [
            _line([f"`{name}`", kind, level, f"`{mask}`" if mask else "", *rest])
            for name, kind, level, mask, *rest in rows
        ]
    lines += ["", f"## {WORDS[language]['types']}", ""]
    lines += [_line(TYPE_HEADINGS[language]), _line(["---"] * len(TYPE_HEADINGS[language]))]
    for named in _types(tables):
        name, sql, level, form, meaning = _type_facts(*named, language)
        lines.append(_line([f"`{name}`", sql, level, f"`{form}`" if form else "", meaning]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _page(tables: Sequence[Contract]) -> str:
    """All tables as one page in both languages."""
    template = Template(PAGE.read_text(encoding="utf-8"))
    layers = {layer: [table for table in tables if table.layer == layer] for layer in LAYERS}
    contents = "\n".join(
        f"<p><b>{layer}</b><br>" + "<br>".join(f'<a href="#{each.name}">{each.name}</a>' for each in members) + "</p>"
        for layer, members in layers.items()
        if members
    )
    contents += f'\n<p><a href="#types">{_both(WORDS["en"]["types"], WORDS["zh"]["types"])}</a></p>'
    sections = [*map(_section, tables), _type_section(tables)]
    return template.substitute(contents=contents, tables="\n".join(sections))


def _type_section(tables: Sequence[Contract]) -> str:
    rows = []
    for named in _types(tables):
        name, sql, level, form, meaning = _type_facts(*named, "en")
        cells = f'<td>{name}</td><td>{sql}</td><td class="{level}">{level}</td>'
        cells += f"<td><code>{escape(form)}</code></td>" if form else "<td></td>"
        rows.append(f"<tr>{cells}<td>{_both(meaning, _type_facts(*named, 'zh')[-1])}</td></tr>")
    head = f'<div class="head"><h2>{_both(WORDS["en"]["types"], WORDS["zh"]["types"])}</h2></div>'
    return f'<section id="types">{head}{_table(TYPE_HEADINGS, rows)}</section>'


def _section(contract: Contract) -> str:
    head = (
        f'<div class="head"><h2>{contract.name} <small>{contract.layer}</small></h2>'
        f"{_both(contract.description, contract.zh)}"
        f'<p class="about">{_both(_summary(contract, "en"), _summary(contract, "zh"))}</p></div>'
    )
    rows = [_row(name, column) for name, column in contract.columns.items()]
    return f'<section id="{contract.name}">{head}{_table(HEADINGS, rows)}</section>'


def _table(headings: Mapping[str, Sequence[str]], rows: Sequence[str]) -> str:
    named = "".join(f"<th>{_both(*pair)}</th>" for pair in zip(headings["en"], headings["zh"], strict=True))
    return f"<table><thead><tr>{named}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(name: str, column: Column) -> str:
    name, kind, level, mask, codes, landed, meaning = _facts(name, column, "en")
    _, kind_zh, *_, meaning_zh = _facts(name, column, "zh")
    title = escape(f"{column.semantic.description} {column.semantic.zh}", quote=True)
    cells = [
        f"<td>{name}</td>",
        f'<td title="{title}">{_both(kind, kind_zh)}</td>',
        f'<td class="{level}">{level}</td>',
        f"<td><code>{escape(mask)}</code></td>" if mask else "<td></td>",
        _labelled("codes 代码", codes),
        _labelled("from 来源", landed),
        f"<td>{_both(meaning, meaning_zh)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _labelled(label: str, text: str) -> str:
    return f'<td data-label="{label}">{escape(text)}</td>' if text else "<td></td>"


def _both(english: str, chinese: str) -> str:
    if english == chinese:
        return escape(english)
    return f'<span class="en">{escape(english)}</span><span class="zh" lang="zh-CN">{escape(chinese)}</span>'
