"""What COCO's categories are called in English. Data only.

An entry: the category's name | words for the same thing | words for some of these things | other categories that
annotators or models call by the same word, or that one such thing is easily taken for. Plurals are made by `naming`.
The words were chosen by reading COCO's captions; a word with several senses stands with all of its categories, or
among `VAGUE`.
"""

from __future__ import annotations

from datagen.grounding.words import bag, entries

THINGS = """
person | people, human, human being, individual, persons, folks | man, woman, boy, girl, child, kid, baby, toddler,
    infant, teenager, teen, adult, guy, lady, gentleman, gentlemen, skateboarder, skier, snowboarder, surfer,
    cyclist, bicyclist, biker, motorcyclist, rider, player, batter, catcher, umpire, pitcher, pedestrian, passenger,
    tourist, spectator, onlooker, bystander, passerby, passersby, worker, chef, officer, policeman, policewoman,
    policemen, fireman, firemen, firefighter, soldier, farmer, vendor, customer, shopper, student, athlete, swimmer,
    jockey, bride, groom, businessman, businessmen, lad, dude, grandmother, grandfather, mother, father, son,
    daughter, brother, sister, friend, skater, beachgoer, beach-goer, waiter, waitress, performer, musician, singer,
    hiker, traveler, cowboy, family member, team member, crowd member, male, female, youngster, rollerblader,
    conductor, fisherman, fishermen, photographer, model, skateboarders, audience member, server, barista, cook,
    baker, mom, dad, commuter, driver, pilot, visitor, diner, guest, coach, referee, clown, tennis player, baseball
    player, soccer player | teddy bear
bicycle | bike, pushbike, push bike | mountain bike, road bike, tricycle, tandem bike | motorcycle
car | automobile, motorcar, auto | taxi, cab, sedan, suv, minivan, hatchback, van, jeep, convertible, sports car,
    police car, limousine, station wagon, volkswagen, bug | truck, bus, train
motorcycle | motorbike, motor bike, motor cycle, bike | scooter, moped, dirt bike, motor scooter, vespa, harley |
    bicycle
airplane | plane, aeroplane, aircraft, jet, airliner | jetliner, jumbo jet, biplane, passenger jet, fighter jet,
    passenger plane, seaplane, propeller plane, jet plane | kite
bus | coach bus, passenger bus | double decker bus, double - decker bus, school bus, tour bus, city bus, minibus,
    shuttle bus, trolley bus, double decker, transit bus | truck, car, train
train | railway train | locomotive, steam engine, passenger train, freight train, subway train, steam train,
    commuter train, tram, streetcar, trolley, subway, monorail, bullet train | bus
truck | lorry | pickup, pickup truck, fire truck, fire engine, semi, semi truck, semi - truck, dump truck, tow
    truck, garbage truck, food truck, delivery truck, van, delivery van, tractor trailer, trailer truck, box truck,
    big rig | car, bus
boat |  | ship, sailboat, sail boat, canoe, kayak, yacht, ferry, rowboat, row boat, motorboat, motor boat,
    speedboat, gondola, barge, raft, dinghy, fishing boat, cruise ship, houseboat, tugboat, vessel, catamaran |
    surfboard
traffic light | traffic signal, stoplight, stop light, traffic lights, street light, streetlight, signal light |  |
fire hydrant | hydrant, fireplug |  |
stop sign | stopsign |  |
parking meter | meter |  |
bench |  | park bench, pew, bleachers | chair, couch, dining table
bird |  | seagull, gull, pigeon, duck, goose, geese, swan, parrot, eagle, owl, hawk, crow, pelican, ostrich,
    penguin, chicken, rooster, hen, turkey, peacock, flamingo, robin, sparrow, stork, heron, crane, parakeet,
    cockatoo, hummingbird, vulture, finch, duckling, emu, raven, woodpecker, dove, falcon, macaw, blue jay, cardinal
    | kite
cat | feline, kitty | kitten, tabby, tomcat, siamese |
dog | canine, pooch, doggy, doggie | puppy, pup, poodle, bulldog, terrier, labrador, retriever, golden retriever,
    husky, dachshund, corgi, chihuahua, beagle, pug, collie, german shepherd, dalmatian, hound, greyhound, sheepdog,
    spaniel, pit bull, rottweiler, mutt, boxer dog, shih tzu |
horse |  | pony, ponies, foal, stallion, mare, colt, donkey, mule, racehorse | cow, zebra
sheep |  | lamb, ram, ewe, goat | cow
cow | cattle | bull, calf, calves, ox, oxen, steer, buffalo, bison, heifer, longhorn, yak | horse, sheep
elephant |  |  |
bear |  | polar bear, grizzly, grizzly bear, brown bear, black bear, bear cub, panda, panda bear | teddy bear
zebra |  |  | horse
giraffe |  |  |
backpack | rucksack, knapsack, back pack | bookbag, book bag, school bag, schoolbag | handbag, suitcase
umbrella | parasol | beach umbrella, patio umbrella, sun umbrella | kite
handbag | purse, hand bag | tote, tote bag, satchel, shoulder bag, pocketbook, clutch, briefcase, messenger bag,
    shopping bag | backpack, suitcase
tie | necktie, neck tie | bow tie, bowtie |
suitcase | luggage, baggage | briefcase, luggage bag, trunk, suit case, carry - on, duffel bag, duffle bag |
    backpack, handbag
frisbee | flying disc, flying disk, disc, disk |  | sports ball
skis | ski |  | snowboard
snowboard | snow board |  | skis, skateboard, surfboard
sports ball | ball | soccer ball, tennis ball, baseball, basketball, football, volleyball, beach ball, softball,
    golf ball, rugby ball, cricket ball | frisbee
kite |  | parasail, parachute | bird, umbrella
baseball bat | bat | cricket bat, softball bat |
baseball glove | glove, catcher's mitt, mitt, catchers mitt, baseball mitt |  |
skateboard | skate board | longboard, long board | snowboard, surfboard
surfboard | surf board | body board, bodyboard, paddle board, paddleboard, boogie board, wakeboard, long board,
    longboard | boat, snowboard, skateboard
tennis racket | racket, racquet, tennis racquet | badminton racket, paddle |
bottle |  | water bottle, wine bottle, beer bottle, soda bottle, flask, jug, plastic bottle, glass bottle, ketchup
    bottle, spray bottle | vase
wine glass | wineglass, glass, goblet | champagne glass, champagne flute, stemware, martini glass, wine goblet | cup
cup | mug, glass | teacup, tea cup, coffee cup, coffee mug, coffee, paper cup, beverage, tumbler, drinking glass,
    water glass, soda, latte, pint glass, beer mug, plastic cup, drink, beer | bowl, wine glass
fork |  | salad fork, pitchfork | spoon
knife |  | butter knife, steak knife, butcher knife, cleaver, chef's knife, pocket knife |
spoon |  | teaspoon, tablespoon, ladle, wooden spoon, soup spoon, serving spoon, spatula | fork
bowl |  | dish, mixing bowl, soup bowl, salad bowl, fruit bowl, container, food bowl, water bowl | cup, vase
banana |  | plantain |
apple |  |  | orange
sandwich |  | hamburger, burger, cheeseburger, sub, panini, wrap, burrito, taco, hoagie, toast, bagel, grilled
    cheese, sub sandwich, submarine sandwich | hot dog
orange | tangerine, clementine | mandarin, mandarin orange | apple
broccoli |  | broccoli floret, floret, vegetable, greens, cauliflower |
carrot |  | baby carrot, carrot stick, vegetable |
hot dog | hotdog, frankfurter, frank | corn dog, chili dog, sausage, bratwurst | sandwich
pizza |  | pizza pie, pepperoni pizza, cheese pizza, flatbread |
donut | doughnut | pastry, bagel, cruller | cake
cake |  | cupcake, birthday cake, wedding cake, cheesecake, pastry, dessert, layer cake, chocolate cake, muffin,
    brownie, pancake, pie | donut
chair | seat | armchair, arm chair, recliner, rocking chair, stool, office chair, lawn chair, beach chair, folding
    chair, lounge chair, wheelchair, high chair, highchair, barstool, bar stool, deck chair, dining chair, desk
    chair | couch, bench
couch | sofa, settee, loveseat, love seat | futon, sectional | chair, bed, bench
potted plant | pot plant, house plant, houseplant, plant | potted flower, potted tree, flower pot, flowerpot,
    cactus, fern, bonsai, planter | vase
bed |  | bunk bed, bunk, crib, mattress, cot, hospital bed, twin bed, queen bed, king bed, dog bed | couch
dining table | table, dinner table | coffee table, desk, end table, side table, picnic table, kitchen table, dining
    room table, tabletop, table top, counter, wooden table | bench, bed
toilet | commode, lavatory | urinal, toilet bowl, toilet seat, bidet |
tv | television, tv set, television set, tv screen | monitor, flat screen, flatscreen, computer monitor, screen,
    flat screen tv, flat - screen tv, computer screen, desktop computer, desktop, display | laptop
laptop | laptop computer, notebook computer | macbook, computer, netbook, notebook | tv, keyboard
mouse | computer mouse | wireless mouse, mice |
remote | remote control, remote controller, tv remote | controller, game controller, wii remote, wii controller,
    video game controller, wiimote | cell phone
keyboard | computer keyboard |  | laptop
cell phone | cellphone, mobile phone, smartphone, smart phone, mobile, phone, telephone, cellular phone | iphone,
    flip phone, camera phone, device | remote
microwave | microwave oven |  | oven, toaster
oven |  | stove, range, stovetop, stove top, stove oven, pizza oven, toaster oven | microwave, toaster
toaster |  | toaster oven | oven, microwave
sink | washbasin, wash basin, basin | kitchen sink, bathroom sink, pedestal sink, washbowl |
refrigerator | fridge, refridgerator | freezer, mini fridge, icebox |
book |  | textbook, paperback, notebook, magazine, bible, cookbook, comic book, story book, storybook, album, binder
    |
clock |  | clock tower, alarm clock, wall clock, grandfather clock, timepiece, watch, clock face | microwave, oven
vase |  | flower vase, urn, pitcher, jar, pot, glass vase | potted plant, bottle, bowl
scissors | scissor, pair of scissors, shears |  | knife
teddy bear | teddy, teddybear | stuffed bear, stuffed animal, plush toy, stuffed toy, toy bear, plush bear, teddy
    bears, doll, toy | bear
hair drier | hair dryer, hairdryer, blow dryer, blow drier, blowdryer | dryer |
toothbrush | tooth brush | electric toothbrush |
"""
"""One category an entry, in COCO's order; an indented line goes on with the one above."""

WIDER = {
    "animal": "bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe",
    "pet": "cat, dog, bird",
    "creature": "bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe",
    "livestock": "horse, sheep, cow",
    "herd": "horse, sheep, cow, elephant, zebra, giraffe",
    "flock": "bird, sheep",
    "bear cub": "bear, teddy bear",
    "cub": "bear",
    "vehicle": "bicycle, car, motorcycle, airplane, bus, train, truck, boat",
    "traffic": "car, truck, bus, motorcycle, bicycle",
    "watercraft": "boat",
    "bag": "handbag, backpack, suitcase",
    "fruit": "banana, apple, orange",
    "food": "banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake",
    "meal": "sandwich, broccoli, carrot, hot dog, pizza, donut, cake, banana, apple, orange",
    "dish": "bowl, cup",
    "dishware": "bowl, cup",
    "dinnerware": "bowl, cup, fork, knife, spoon, wine glass",
    "drinkware": "cup, wine glass, bottle",
    "utensil": "fork, knife, spoon",
    "silverware": "fork, knife, spoon",
    "cutlery": "fork, knife, spoon",
    "flatware": "fork, knife, spoon",
    "place setting": "fork, knife, spoon, cup, wine glass, bowl",
    "furniture": "chair, couch, bed, dining table, bench",
    "appliance": "microwave, oven, toaster, refrigerator, hair drier",
    "electronics": "tv, laptop, mouse, remote, keyboard, cell phone",
    "electronic device": "tv, laptop, mouse, remote, keyboard, cell phone",
    "computer": "laptop, tv, keyboard, mouse",
    "board": "surfboard, skateboard, snowboard",
    "crowd": "person",
    "group": "person",
    "family": "person",
    "couple": "person",
    "team": "person",
    "audience": "person",
    "staff": "person",
    "someone": "person",
    "somebody": "person",
    "everyone": "person",
    "police": "person",
    "owner": "person",
    "public": "person",
    "kitchenware": "bowl, cup, fork, knife, spoon",
    "plant": "potted plant",
    "flower": "potted plant, vase",
    "bouquet": "vase, potted plant",
    "container": "bowl, cup, bottle, vase",
    "toy": "teddy bear, sports ball, kite, frisbee",
    "reading material": "book",
    "bookshelf": "book",
    "bookcase": "book",
    "library": "book",
    "bathroom": "toilet, sink",
    "restroom": "toilet, sink",
    "kitchen": "oven, sink, refrigerator, microwave",
    "bedroom": "bed",
    "airport": "airplane",
    "railway": "train",
    "runway": "airplane",
    "marina": "boat",
    "harbor": "boat",
    "ski": "skis",
    "skier": "skis",
    "skiing": "skis, person",
    "snowboarder": "snowboard",
    "snowboarding": "snowboard, person",
    "skateboarder": "skateboard",
    "skater": "skateboard",
    "skateboarding": "skateboard, person",
    "surfer": "surfboard",
    "surfing": "surfboard, person",
    "cyclist": "bicycle",
    "bicyclist": "bicycle",
    "biker": "bicycle, motorcycle",
    "motorcyclist": "motorcycle",
    "batter": "baseball bat, baseball glove",
    "catcher": "baseball glove",
    "pitcher": "baseball glove, sports ball",
    "umpire": "baseball bat, baseball glove",
    "baseball": "baseball bat, baseball glove, sports ball, person",
    "tennis": "tennis racket, sports ball, person",
    "soccer": "sports ball, person",
    "player": "sports ball, baseball bat, baseball glove, tennis racket",
    "suit": "tie, person",
    "formal": "tie",
    "office": "chair, laptop, keyboard, mouse, tv",
    "workstation": "laptop, keyboard, mouse, tv",
    "wii": "remote",
    "video game": "remote, tv",
    "salad": "broccoli, carrot, bowl",
    "vegetable": "broccoli, carrot",
    "wine": "wine glass, bottle, cup",
    "beer": "bottle, cup, wine glass",
    "breakfast": "bowl, cup, sandwich, cake, donut, fork, knife, spoon",
    "bird": "bird",
    "parking lot": "car",
    "street": "car",
    "intersection": "traffic light, car, stop sign",
    "sign": "stop sign",
    "street sign": "stop sign",
    "traffic sign": "stop sign",
    "light": "traffic light",
    "signal": "traffic light",
    "brushing": "toothbrush",
    "selfie": "cell phone, person",
    "living room": "couch, chair, tv",
    "he": "person",
    "she": "person",
}
"""Words that speak of several categories at once, or hint at one: where one stands in a caption, none of its
categories can be proven absent."""

UMBRELLA = ("animal", "vehicle", "fruit", "furniture", "utensil", "appliance", "bag", "computer", "board", "pet")
"""The words of WIDER that are read as objects; the others only keep captions from proving absence."""

VAGUE = entries(
    "adult; album; audience member; auto; baby; bagel; baggage; baker; ball; barista; baseball; basin; basketball; "
    "bat; batter; beer; beverage; bike; biker; binder; board; boxer; brother; bug; bull; burrito; bystander; cab; "
    "cardinal; catcher; chef; chicken; clock tower; clutch; coach; coach bus; coffee; coffee table; "
    "commuter; computer; computer screen; conductor; container; controller; cook; cot; counter; "
    "crane; crib; crowd member; customer; dad; daughter; desk; desktop; desktop computer; dessert; device; diner; "
    "dinner table; disc; dish; disk; display; doll; dove; drink; driver; dryer; end table; family member; father; "
    "female; flask; flower pot; football; frank; friend; glass; glove; greens; guest; hen; human; human being; "
    "individual; infant; jar; jug; kitchen table; lamb; luggage; magazine; male; mattress; meter; mobile; model; "
    "mom; monitor; mother; muffin; musician; notebook; onlooker; paddle; pancake; parachute; passenger; pastry; "
    "performer; persons; phone; photographer; pickup; picnic table; pie; pilot; pitcher; plant; "
    "planter; player; plush toy; pot; racket; racquet; raft; ram; range; robin; sausage; scooter; screen; seat; "
    "semi; server; side table; signal; sister; ski; soda; son; spectator; steer; stool; stove; street "
    "light; streetlight; student; stuffed animal; stuffed toy; sub; subway; table; table top; tabletop; taco; team "
    "member; team member; telephone; toast; toddler; tote; tourist; toy; trailer; trailer truck; traveler; trolley; "
    "trunk; turkey; umpire; urn; van; vegetable; vendor; visitor; watch; wooden table; worker; wrap; youngster"
)
"""Words with other senses, or for things that annotators often leave without a box: they may bear a claim out, but
that there is no such thing is never concluded from boxes."""

CROWDED = bag("book banana apple orange carrot broccoli skis scissors tie grape sink")
"""Categories whose boxes often hold several, or a pair: their boxes cannot be counted."""
ROUGH = entries(
    "person; car; chair; cup; bottle; bowl; bird; boat; knife; fork; spoon; wine glass; donut; cake; handbag; "
    "backpack; traffic light; potted plant; vase; sports ball; kite; sheep; cow; dining table; bench; umbrella; "
    "truck; surfboard; suitcase; remote; sandwich; hot dog; motorcycle; bicycle"
)
"""Categories that stand about in number, small and half hidden: a count below the boxes' may be of those in front."""
OVERLOOKED = entries(
    "dining table; chair; handbag; tie; potted plant; backpack; book; bottle; cup; bowl; knife; fork; spoon; sports "
    "ball; clock; vase; traffic light; bench; car; truck"
)
"""Categories that annotators leave out now and then."""
VESSELS = entries("bowl; cup; bottle; vase; wine glass")
"""Whatever holds food or drink is called by the name of the one or the other."""
LOOSE = VESSELS | entries("backpack; handbag; suitcase; cell phone; remote; tv; dining table")
"""Vessels, bags, devices, screens and tables: what annotators put under one name, and speakers under several."""
LIVING = entries(
    "person; bicycle; car; motorcycle; airplane; bus; train; truck; boat; bird; cat; dog; horse; sheep; cow; "
    "elephant; bear; zebra; giraffe; banana; apple; sandwich; orange; broccoli; carrot; hot dog; pizza; donut; cake; "
    "bowl; keyboard; mouse"
)
"""What made of wood or paper is something else."""
