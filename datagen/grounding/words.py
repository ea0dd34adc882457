"""The small words that tell what is claimed and how surely. Data only: sets of lower-case tokens.

Each set has its reason beside it. A word that is missing makes the reader silent, not wrong: what it does not
understand it does not judge.
"""

from __future__ import annotations


def bag(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def entries(text: str) -> frozenset[str]:
    """The phrases of a text, which semicolons part."""
    return frozenset(text.split("; "))


_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
NUMBERS = {word: number for number, word in enumerate(_COUNTED.split())}
PLURALLY = bag("several many multiple numerous various few")
"""Determiners of more than one, of no exact number."""
INDEFINITE = bag("a an another one some")
DEFINITE = bag("the this that these those his her its their our my your both")
UNSURE = bag("any every each which what whichever whatever whose either neither such no other others")
"""Determiners that assert nothing of one thing."""

HEDGES = bag(
    "may might could can cannot would should shall must will won't wouldn't couldn't can't shouldn't possibly perhaps "
    "probably likely unlikely maybe potentially presumably supposedly seemingly apparently if unless whether suggest "
    "suggests suggesting indicate indicates indicating imply implies implying infer inferred assume assumed assuming "
    "imagine imagining as-if hypothetical typical typically often usually sometimes generally commonly always never "
    "occasionally frequently normally traditionally historically rarely e.g need needs needed require requires "
    "required requiring necessary essential important importance crucial recommend recommended consider considering "
    "ensure ensures ensuring help helps helping allow allows allowing encourage encourages provide provides providing "
    "offer offers offering enable enables prevent prevents preventing avoid avoiding risk risks potential opportunity "
    "opportunities challenge challenges resembles resemble resembling like unlike similar reminiscent such as-though "
    "instead rather without intended designed meant used supposed expected expecting wants want wanting hoping hopes "
    "wishes wish trying try decided plan plans planning prefer prefers attract attracts waiting awaiting ready before "
    "after until when once while-not because due since therefore so dream dreaming pretend pretending imaginary think "
    "thinks depend depends depending known tend tends tendency common other-than except besides unclear uncertain "
    "unknown difficult impossible possible perception illusion symbolize symbolizes represents representing missing "
    "lacking lacks misses than not isn't aren't wasn't weren't don't doesn't didn't hasn't haven't nor neither no "
    "none nobody nothing"
)
"""After one of these nothing is taken for said of the picture: guesses, rules of life, purposes, comparisons, nots."""
MODALS = bag(
    "may might could can cannot would should must will can't needs need requires require helps help provides provide "
    "allows allow often usually typically generally always tend tends makes make"
)
"""Right after a noun without a definite article they make it one of a kind: `a dog needs a walk`."""
DEPICTIONS = bag(
    "picture photo photograph image painting drawing statue sculpture figurine figure poster logo print sketch mural "
    "portrait cartoon illustration shape silhouette icon symbol replica depiction pattern design carving sticker "
    "reflection shadow mascot costume decoration ornament cutout image pictures photos photographs images paintings "
    "drawings statues sculptures figurines figures posters logos prints murals portraits designs carvings decorations "
    "ornaments shapes skull mask tattoo tattoos model models screen sign signs mention word name type kind style form "
    "sort absence lack sense idea possibility chance risk size sound sounds drawn"
)
"""`a ... of a dog` with one of these is no dog to be counted or found missing."""
LIKENESSES = bag(
    "statue statues sculpture sculptures figurine figurines painting paintings drawing drawings mural murals carving "
    "carvings toy toys"
)
"""Where a text spoke of one, the animals that it names later may be meant by it."""
MADE = bag(
    "toy stuffed plush inflatable fake model miniature cartoon chocolate painted printed animated virtual imaginary "
    "wii rubber lego origami giant fictional tattooed embroidered knitted artificial teddy hot sea crash rocking "
    "decorative former non no not anti pseudo cable hay rail railroad railway cattle bumper shopping golf cargo off"
)
"""Before a noun they may make another thing of it; the vocabulary's own phrases, `fire truck`, are known as such."""
MATERIALS = bag(
    "wooden metal plastic glass paper ceramic porcelain bronze stone marble carved brass iron art cement concrete "
    "clay bread wire cardboard"
)
"""Before what lives, moves or is eaten they make another thing of it: a wooden bench is one, a wooden horse is none."""
HEADS_AFTER = bag(
    "in on at of with without by near behind beside between beneath below above under underneath over inside outside "
    "into onto from to for against along across around among amid amidst toward towards through throughout during "
    "within upon off past next and or nor but while as than that which who whom whose where is are was were be being "
    "been has have had does do did can could may might will would should must also all both each too there here "
    "together apart away up down out back nearby alone itself himself herself themselves outdoors indoors overhead "
    "sits sit stands stand lies lie lays lay walks walk runs run looks look appears appear seems seem holds hold rides "
    "ride wears wear eats eat drives drive flies fly plays play rests rest hangs hang leans lean shows show contains "
    "contain features feature has takes take occupies occupy faces face grazes graze swims swim jumps jump sleeps "
    "sleep carries carry watches watch waits wait moves move travels travel smiles smile gives give makes make adds "
    "add comes come goes go gets get uses use reads read drinks drink enjoys enjoy surrounds surround fills fill "
    "dominates sat stood lay held made parked seated covered filled topped visible present located positioned placed "
    "situated ready available full close adjacent facing different either not it he she they we you one two three "
    "four five several some many the a an his her its their this these partially slightly clearly mostly side left "
    "right depicted shown seen featured pictured dressed laid kept set cut put tied ridden driven flown worn reach "
    "reaches add enter enters cross crosses pull pulls push pushes catch catches hit hits swing swings suggests "
    "suggest indicates indicate serves serve provides provide creates create contributes contribute enhances enhance "
    "brings bring keeps keep remains remain works work belongs belong needs need attracts gazes gaze stares stare "
    "crosses waves smiles attends helps allows feels feel enjoys prepares prepare approaches approach follows only "
    "just prominently directly closely further farther likely possibly probably still now currently cannot can't isn't "
    "aren't wasn't weren't couldn't doesn't don't didn't"
)
"""What may follow a noun that is the head of its phrase; an unknown word after it may be the true head."""
COMPOUNDS = bag(
    "training surfing sailing skiing boarding styled racing parking riding boarding clothing bedding railing building "
    "ceiling lighting painting drawing setting seating flooring string wing washing fishing skating crossing "
    "bed seed feed shed speed red family belly jelly lily supply ring king spring wedding opening landing pudding "
    "serving topping filling shaped themed related sized flavored powered driven free friendly like watching grooming "
    "owning sitting-service dealing housing holding-area rental belongings"
)
"""Words that look like verbs or adverbs and make a compound."""
RELATIVE = bag(
    "hand arm leg foot shoulder ear eye knee wrist hip lane turn wing paw elbow finger thumb cheek field handed "
    "fielder footed most click sleeve shoe glove palm"
)
"""After `left` or `right`: a side of a body or a road, which is not the picture's."""
FRAME = bag("image picture photo photograph scene frame view shot snapshot composition photos")
"""What `left of the ...` may name without being an object: the picture itself."""
SUBSETS = bag(
    "other others more additional remaining rest further different first second third last extra least most about "
    "around approximately nearly almost roughly over up than every"
)
"""Near a number they make it no count of all."""
LOOKS = bag(
    "features shows depicts displays captures presents showcases contains includes has have features show see "
    "portrays illustrates"
)
"""What a picture does with what is in it."""
COLOURS = {
    "red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "blue": "blue", "purple": "purple",
    "violet": "purple", "pink": "pink", "brown": "brown", "black": "black", "white": "white", "gray": "gray",
    "grey": "gray", "silver": "silver", "golden": "gold", "gold": "gold", "beige": "beige", "turquoise": "turquoise",
    "teal": "turquoise", "maroon": "maroon", "tan": "tan", "navy": "blue", "crimson": "red", "scarlet": "red",
    "cream": "beige", "lavender": "purple", "blonde": "blonde", "magenta": "pink",
}  # fmt: skip
NEAR_COLOURS = [
    {"red", "orange"}, {"red", "maroon"}, {"red", "pink"}, {"brown", "maroon"}, {"purple", "pink"},
    {"orange", "yellow"}, {"orange", "brown"}, {"orange", "gold"}, {"yellow", "gold"},
    {"yellow", "beige", "tan", "blonde", "brown", "gold"},
    {"gray", "silver"}, {"gray", "black"}, {"gray", "blue"}, {"white", "silver"}, {"white", "beige"},
    {"green", "turquoise"}, {"blue", "turquoise"}, {"blue", "purple"}, {"brown", "black"},
]  # fmt: skip
"""Colours that two people may call the same thing."""
OPPOSITES = [
    ({"wooden", "wood"}, {"metal", "metallic", "plastic", "steel", "glass", "leather", "stone", "concrete"}),
    ({"leather"}, {"plastic", "wooden", "metal", "cloth", "fabric"}),
    ({"open", "opened"}, {"closed", "shut"}),
    ({"empty", "vacant"}, {"full", "filled", "crowded", "packed"}),
    ({"wet"}, {"dry"}),
    ({"young"}, {"old", "elderly"}),
    ({"sitting", "seated"}, {"standing", "running", "walking", "jumping"}),
    ({"sleeping", "asleep"}, {"running", "walking", "jumping", "playing", "eating"}),
    ({"lying", "laying"}, {"standing", "running", "walking", "jumping"}),
]
"""States of which a thing has one."""
PLACES = {"left": "left", "right": "right", "top": "top", "upper": "top", "bottom": "bottom", "lower": "bottom",
          "center": "centre", "centre": "centre", "middle": "centre", "leftmost": "left",
          "rightmost": "right"}  # fmt: skip
GROUPINGS = bag(
    "group groups herd flock crowd bunch variety number lot lots set row rows line lines team stack pile collection "
    "array assortment handful couple pair pairs trio dozens hundreds tray box basket plate bowl selection series "
    "cluster party school pack range slice slices piece pieces bundle mix types kinds family rest majority total"
)
"""`a ... of dogs`: several, of no exact number."""
GLUE = bag(
    "is are was were be being been that which who can also just slightly more further farther high higher directly up "
    "there visible located situated seated positioned placed sits stands sit stand lies lie hangs hang rests appears "
    "appear seems to seen closer right out down off both all clearly and mostly very quite only now still can be "
    "found close closer it behind in the background foreground distance scene image picture photo frame there one side "
    "by near toward towards"
)
"""What may stand between an object and the place it is said to have."""
LINKS = bag(
    "in on at of with without by near behind beside between beneath below above under underneath over inside outside "
    "into onto from to for against along across around among next has have 's ’s like than as"
)
"""Before a noun phrase: it hangs on something that was named earlier."""
SIGNS = bag("left right top upper bottom lower center centre middle above below beneath underneath leftmost rightmost")
"""Without one of these nothing is placed."""
FILLING = bag("takes take occupies occupy fills fill covers dominates")
"""What a thing does with the picture that it takes up."""
ENDS = frozenset({".", "!", "?", "\n", ";"})
"""A sentence's."""

STOP, NOUN, HEDGE, SIGN, SCENT, COLOUR, FIRST = (1 << bit for bit in range(7))
"""What a word may be that makes a sentence worth a closer look."""
EVERY = -1
"""All of these."""
MARKS: dict[str, int] = {}
"""What each word is that is any of these in every vocabulary; a SCENT is needed to compare sizes."""
for _words, _mark in (
    (ENDS, STOP), (HEDGES, HEDGE), (SIGNS, SIGN), (FILLING | {"than"}, SCENT), (COLOURS, COLOUR), ({"1"}, FIRST),
):  # fmt: skip
    for _word in _words:
        MARKS[_word] = MARKS.get(_word, 0) | _mark
