"""Words that invitations are made of. Ours, chosen one by one; a word left out later ends the invitations that hold it.

Easy to spell and to say on the telephone. Left out on purpose, as in forum/accounts/name_words.py: things to eat, bodies,
illness, death, weapons, drink and drugs, storms, deep water, heights, rails, faiths, peoples, moods, families; words that
are also given names; and words that sound like others, since somebody will hear them read aloud.
"""

_WORDS = """
acorn across adapt admire adopt advice again agenda agree album alert alike almost alphabet already also always ample
anchor angle animal annual answer antique anything apart apron arcade arch arena around arrange arrive artist atlas
attic autumn avenue awake award aware away badge badger bagpipe balance balcony ballet balloon bamboo banjo banner
barn basin basket batch beach beacon beaver become bedding before begin behind bell belong below bench beside beyond
bicycle birch bird blanket blend blink block blossom bobbin bonnet bonus border borrow bottle bottom bounce boundary
bracelet branch bridge bright bring bronze broom brush bubble bucket budget buffalo bugle build bundle burrow
butterfly button cabin cabinet cable cactus calendar camel camera campus canal candle canoe canvas caravan carbon card
care careful carnival carpet carton cartoon carve castle catch cedar ceiling century certain chalk chapter chart
checkers chimney chirp choice circle circus city class clever climate clip clock closet cloth cloud clover cluster
coast cobble coin collar collect column comet comfort common compass concert connect copper copy corner cotton count
country courage cover craft crayon create crescent cricket crisp crystal cuckoo curtain cushion custom cycle cylinder
dance daylight decade december decide degree delta depend describe design desk detail dialogue diary digit direct
disco distant dolphin domino donkey doodle door dotted double dozen drama draw dream dress drift driftwood duck during
eager eagle early earth easel east easy echo edge effect either elect eleven emblem emerald enamel energy engine enjoy
enough enter envelope equal essay even evening every exact example exchange expert explain extra fabric factor famous
fancy farm fashion feather february felt fence ferry festival few fiddle field fifteen figure film final finish firm
first five flag flannel flask flock floor florist flute focus fold follow forest formal forty forward fossil fox frame
fresh friday friend fringe frog front frost future gable gallery gallop garage garden garland gather general gentle
giant giraffe girder given glass glide globe glove glow goat gondola goose gradual grand granite grass gravel green
greet grid group grow guest guide guitar habit half hall hammock handle happen harp harvest hasten hatch hedge helmet
help heron hill hinge history hobby holiday home honest hopscotch hostel hotel house hover human humble hundred
imagine include indigo indoor inform insect inside instant invent invite island item ivory jacket jaguar january
jersey jigsaw jingle join joke journal journey joyful juggle july jumble jumper jungle junior just kayak keep keyboard
kingdom kiosk kitchen kite kitten koala label lace ladder lamp lantern laptop large later launch laundry lawn leader
leaf learn leather lemur leopard lesson letter level library lift light limit linen lion list listen litter little
lively lizard llama lobby local locket lodge longer loom lotus lucky lunar lute machine magic magnet magpie manner map
maple marble march margin market marmot maroon match matter meadow measure melody member memory mention merit meteor
method middle mild mirror mitten mixture mobile model modern module moment monday monkey month morning mosaic moss
motor mouse move museum music napkin nation nature nearby nectar needle nest never newt next nibble nickel nimble nine
noble notice notion novel number nylon oak oasis object oblong october octopus offer office often once onward opal
open opera orbit orchard orchid order organ origin ostrich other otter outdoor outline outside oval over owner oxygen
package paddle paint palace palette panda panel paper parade parcel park parrot passage pasture patch path pattern
pavement peacock pebble pedal pelican pencil penguin people perfect person phrase piano picnic picture pigeon pillow
pilot pinecone pink pixel place planet plant plaster plastic platform player please plenty pocket poem poet point
polar polish polka pond pony porch portrait postcard poster pottery powder prefer prepare present press pretty primary
primrose problem promise proper protect proud publish puddle puffin puppet purple puzzle pyramid quality quarry
quarter question quick quilt quiz quota rabbit raccoon radar radio rainbow ramble ranch random rapid rather rattle
reach ready reason recent record reflect region regular relax remain remember rent repair repeat reply report rescue
resort result return reward ribbon riddle ridge ripple river robot rocket rocking rodeo rotate round rowing ruffle
rugby rural rustle saddle safari sailor salute sample sandal sandy satin saturday saucer scarf scenery school science
scooter screen script scroll season second seesaw select seven several shadow shape share shelf shell shelter shine
shop short show shutter sign signal silver simple single sitting sixteen sketch skill skip slate sleigh slide slipper
slope slow small smile smooth snail snow social sofa soft solar solo song sonnet soon sound south space spaniel spark
special spell sphere spiral splash sponge spoon sport spring square squirrel stable staff stage stamp standard star
station statue steady stencil step stick still stitch stone strand street string stripe strong student studio style
suggest suitcase summer sunday sunflower sunny supply support surface surprise swan sweater swift swing symbol system
table tablet tadpole talent tandem tangle tapestry target tartan task taxi teacher team teapot telescope ten tennis
tent term terrace test textile thank theory thimble thing think thirty thread three thursday ticket tidy tiger timber
title today together token tomorrow tone topic torch tortoise total toucan town toy tractor trail travel treasure tree
trellis triangle tricycle triple trolley trophy trumpet trunk trust tuesday tulip tumble tunnel turtle twelve twenty
twice twig twist typical umbrella under unicorn uniform union unique unit until update uphill useful usual valley
value vase vast velvet venture verse very video view village violin visit visual vivid voice volume wagon walrus wash
watch water weasel wednesday weekend welcome west wheel whisker whistle white willow window winter wisdom wise within
without wizard wooden word work world woven wren writer yard yarn year yellow yesterday young zebra zero zigzag zipper
zone
"""

WORDS = tuple(_WORDS.split())
