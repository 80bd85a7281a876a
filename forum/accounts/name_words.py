"""Words that names are made of. Ours, chosen one by one; a change of them never touches a name already given.

Left out on purpose: bodies, weight and food; death, illness and medicine; weapons, crime and war; drink and drugs;
storms, deep water, heights and rails; faiths and peoples; moods one is told to have (happy, calm) or not to have
(silent, lost); anything people are called to hurt them, in English or Urdu (an owl is a fool there); and words that
are also given names (Robin, Amber, Hazel), since a pseudonym must not point at somebody who is called that.
"""

_FIRST = """
Airy Amiable Artful Attentive Azure Balanced Beaded Braided Breezy Bronze Buoyant Candid Capable Careful
Checked Civil Clear Clever Coastal Cobalt Copper Cordial Cosy Courteous Creative Curious Curling Daily Dappled
Deft Dewy Diligent Dotted Downy Early Easy Eastern Elegant Emerald Evening Fabled Feathered Flecked Fond
Fresh Friendly Fringed Generous Genial Gentle Genuine Gilded Glossy Glowing Golden Graceful Green Handy Helpful
Highland Hilly Honest Humble Indigo Inland Inventive Kindly Lamplit Latticed Layered Leafy Likely Looped Lowland
Loyal Lucid Lyrical Maroon Mauve Midday Midsummer Modest Moonlit Morning Mossy Mottled Musical Navy Northern
Notable Observant Ochre Open Orderly Painted Patterned Pearly Placid Playful Pleasant Polished Polite
Practical Prompt Purple Quilted Resourceful Rippled Roving Rural Russet Rustic Seaside Sensible Silken Silver
Sincere Smooth Southern Speckled Spotted Springy Starlit Starry Steadfast Steady Striped Sunlit Tactful Tawny
Thoughtful Tidy Tufted Tuneful Twilight Unhurried Upland Valiant Velvet Vivid Western Whimsical Willing Wise
Witty Woodland Woolly Woven
"""

_SECOND = """
Alkanet Anemone Arbour Aster Avens Avocet Bamboo Beacon Beck Begonia Bellflower Betony Bluebell Borage
Boulder Bower Bracken Bramble Brambling Breeze Brook Bumblebee Bunting Buttercup Butterfly Camellia
Campion Catkin Celandine Centaury Chaffinch Chamomile Chiffchaff Cinquefoil Clearing Clover Comet Comfrey
Coneflower Coppice Cornflower Cosmos Cove Crocus Croft Curlew Daffodil Dandelion Dell Delphinium
Dipper Dormouse Dragonfly Dune Dunlin Dunnock Egret Eider Fieldfare Finch Firecrest Flycatcher Footpath
Foxtail Freesia Fuchsia Furze Gadwall Galaxy Garden Gentian Geranium Gladiolus Glade Goldcrest
Goldfinch Goosander Gorse Greenfinch Grove Guillemot Harebell Harbour Hedgehog Hedgerow Heron Hill Hillock
Hyacinth Hydrangea Islet Jonquil Kestrel Kingcup Kingfisher Kittiwake Knoll Lane Lantern Lapwing Lavender
Lichen Linnet Lobelia Lupin Mallard Mallow Marigold Meadow Meadowsweet Merganser Moonbeam Moorland
Mullein Nasturtium Nightingale Oasis Orchid Oriole Osprey Otter Ouzel Oystercatcher Parkland Pasture
Peony Periwinkle Petrel Petunia Phlox Pimpernel Pintail Pipit Plover Prairie Primrose Puffin Redpoll Redstart
Redwing Sanderling Sandpiper Saxifrage Sedum Shelduck Siskin Skylark Snapdragon Snowdrop Sparrow Speedwell
Spinney Spring Squirrel Starlight Starling Stonechat Stonecrop Stream Sunbeam Sunflower Sunrise
Sweetbriar Teasel Tern Thicket Thistle Toadflax Trail Trefoil Tulip Turnstone Vale Valley Verbena
Vetch Wagtail Warbler Waxwing Whimbrel Whinchat Wigeon Wildwood Wisteria Woodlark Yarrow Zinnia
"""

# Stones and trees: no persona is called after one, so an alias is never taken for somebody's name.
_STONES = """
Agate Amethyst Basalt Bluestone Calcite Chalk Citrine Cobble Dolomite Feldspar Flagstone Flint Garnet Granite
Greenstone Gritstone Limestone Malachite Moonstone Obsidian Onyx Pebble Pumice Quartz Sandstone
Shale Slate Soapstone Spinel Sunstone Tourmaline Travertine Tufa Zircon
"""
_TREES = """
Acacia Alder Balsa Baobab Boxwood Buckthorn Cedar Driftwood Elm Eucalyptus Fir Ginkgo Hawthorn Hickory Hornbeam
Ironwood Jacaranda Larch Mahogany Mangrove Maple Oak Osier Pine Poplar Redwood Rosewood Sandalwood Sequoia
Spindle Spruce Sycamore Tamarisk Teak Tupelo Wattle
"""

# Who answers for a group may be called what they are; nobody else. Each is also refused in the plural.
_ROLES = """
admin administrator anonymous bot coordinator counsellor counselor deputy doctor dr everyone facilitator gp
helpdesk host manager mod moderator nhs nobody nurse official organiser organizer owner police practitioner
psychiatrist psychologist psychotherapist safeguarding samaritan samaritans social-worker someone staff
support-worker support supervisor system team therapist trustee volunteer
ناظم منتظم نگران ماڈریٹر موڈریٹر ایڈمن ڈاکٹر نرس عملہ ٹیم سہولت-کار معالج پولیس رضاکار
"""

FIRST = tuple(_FIRST.split())
SECOND = tuple(_SECOND.split())
STONES = tuple(_STONES.split())
TREES = tuple(_TREES.split())
ROLES = frozenset(role.replace("-", " ") for role in _ROLES.split())
