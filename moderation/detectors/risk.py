"""Words after which a person should look in on somebody, soon. A prompt list: it asks a person, it judges nobody.

People who say that they lived through it, lost somebody, or talk as everyone does are not to be asked each time, and
what a list does not know it misses. So the main way to help stays with people: "I need help" and "I'm worried".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moderation.detectors.tokens import words_in
from moderation.detectors.words import undisguised

_SENTENCE = re.compile(r"[.!?;\n…]+")
_MIXED = re.compile(r"[\d@$!|*](?<=[^\W\d_].)[\d@$!|*]*[^\W\d_]")
_STARRED = re.compile(r"(?<=[^\W\d_])\*+(?=[^\W\d_])")

_SELF = "(?:myself|meself|masel|masell|mysel|maself|mi self|me self)"
_LIFE = "(?:my|me|ma|this|mi) life"
_ABUSER = (
    "(?:hes?|shes?|they|theyve|dad|mum|my (?:\\w+ )?(?:husband|wife|partner|boyfriend|girlfriend|ex|dad|father|mum|"
    "mother|stepdad|stepmum|uncle|brother|son|daughter|carer|bf|gf|fella|bloke|hubby|grandad|cousin|coach|teacher|"
    "boss|foster \\w+))"
)
_DRUGS = (
    "(?:tablets?|pills?|tabs|paracetamols?|meds|medication|tramadol|codeine|sleepers|sleeping pills|insulin|"
    "antidepressants|painkillers|diazepam|zopiclone)"
)
_MUCH = (
    "(?:load|loads|lot|lots|whole|all|entire|too many|too much|handful|packet|packets|pack|packs|bottle|strip|strips|"
    "box|boxes|bunch|dozen|\\d\\d+|twenty|thirty|forty|fifty|sixty)"
)


@dataclass(frozen=True)
class _Rule:
    name: str
    keys: frozenset[str]  #: one of these words stands in every text that the pattern could match
    pattern: re.Pattern[str]
    about_me_now: bool = True  #: what lies in the past, or is said not to be so, is left alone


def _rule(name: str, keys: str, pattern: str, *, about_me_now: bool = True) -> _Rule:
    return _Rule(name, frozenset(keys.split()), re.compile(rf"\b(?:{pattern})\b"), about_me_now)


RULES = (
    _rule(
        "end-self",
        "myself meself masel masell mysel maself self life",
        r"(?:want|wanna|wanting|wantin|wants|going|gonna|gunna|gonnae|gaunnae|goin|need|ready|plan|planning|planned|"
        r"thinking|think|thoughts|think about|tempted|might|could|will|ill|about|keep|urge|urges|decided|just|way|"
        r"ways|how|tonight|tae|to)(?: \w+){0,4} "
        rf"(?:kill|killing|killin|end|ending|endin|unalive|unaliving|off|offing|hang|hanging|drown|drowning|top|"
        rf"topping|do|doing|hurt|hurting|harm|harming|cut|cutting|shoot|stab|poison|yeet|throw|chuck|fling|launch)"
        rf"(?: \w+)? (?:{_SELF}|{_LIFE})|(?:do|doing|dae) {_SELF} in|end {_LIFE}"
        rf"|take my own life|taking my own life|do away with {_SELF}",
    ),
    _rule(
        "end-it",
        "end ending endin over stop exit",
        r"(?:want|wanna|going|gonna|gunna|gonnae|need|ready|plan|planning|thinking|might|about|wish i could|just|"
        r"tonight)(?: \w+){0,3} (?:end|ending|endin) (?:it|it all|everything|things|it aw|this)(?: all)?(?: tonight| "
        r"now| today| soon| for good| once and for all)?$|end(?:ing)? it all"
        r"|endin it aw|end it (?:tonight|now|for good)"
        r"|(?:want|need|wish) (?:it|this|everything)(?: all)? (?:to (?:be over|end|stop)|over)"
        r"|(?:plan|planning|planned) (?:my|the|ma) (?:exit|way out|ending)",
    ),
    _rule(
        "want-death",
        "die dead dying death deid dee sleep disappear gone born cease join",
        r"(?:want|wanna|wanting|wantin|ready|rather|better|deserve|hope|wish|waiting|wish i could|praying|pray|beg|"
        r"hoping)(?: \w+){0,4} (?:die|dead|deid|dee|be dying|for death|cease to exist|disappear forever|disappear "
        r"for good|be gone for good|never been born)"
        r"|want(?: \w+){0,2} (?:join|be with) (?:him|her|my (?:boy|girl|son|daughter|mum|dad|husband|wife|brother|"
        r"sister|baby))|better aff deid"
        r"|(?:sleep|bed)(?: \w+){0,4} (?:and|an) (?:not|never|no) (?:\w+ )?(?:wake|waking)(?: up)?"
        r"|(?:wish|hope|pray|praying|hoping)(?: \w+){0,5} (?:not|never|dont|didnt|wont|wouldnt) (?:have to )?wake"
        r"(?: up)?",
    ),
    _rule(
        "no-more",
        "here alive live exist existing wake living livin around aboot point reason use nothing nowt cant future",
        r"(?:dont|didnt|do not|dinnae|dinna|divvent|no longer|no|not|never|nae|nah|nuh) (?:even |really )?(?:want|"
        r"wantin|wanting|wanna|fi|see the point)(?: \w+){0,2} (?:be here|be alive|live|exist|wake up|be living|being "
        r"here|carry on living|be aboot|be around)"
        r"|(?:no|whats the|what is the|nae|cant see (?:the|any)|any) (?:point|reason|use)(?: \w+){0,3} (?:living|"
        r"live|being here|being alive|to be here|going on living|existing|in me)"
        r"|(?:cba|tired of|sick of|fed up of|fed up with|done with|done wi) (?:being alive|living|existing|livin)"
        r"(?: any ?more)?|nothing (?:left )?to live for|nowt (?:left )?to live for"
        r"|cant see (?:a|any) (?:way out|future)"
        r"|(?:dont|didnt|wont) (?:plan|expect|intend)(?: \w+){0,2} be (?:here|alive)",
    ),
    _rule(
        "go-on",
        "cant cannot can cannae canny canna couldnt",
        r"(?:cant|cannot|can not|cannae|canny|canna|couldnt) (?:\w+ )?(?:go on|carry on|gan on|bear to be alive)"
        r"(?: like this| any ?more| any longer)?(?! (?:about|holiday|a|the|to|with|my|at|and on))"
        r"|(?:cant|cannae) (?:do|take|cope wi|face) (?:life|living|another (?:day|night)) any ?more"
        r"|(?:cant|cannae) face another (?:day|night)",
    ),
    _rule(
        "burden",
        "without better miss burden",
        r"better (?:off|aff) (?:without|wi out|if i (?:was|were|wasnt|werent))(?: me)?(?: \w+){0,2}"
        r"|nobody would (?:miss|notice)(?: \w+){0,3}"
        r"|no ?one would (?:miss me|notice if i|care if i)(?: \w+){0,3}"
        r"|wouldnt (?:miss me|notice if i)(?: \w+){0,2}",
    ),
    _rule(
        "suicidal",
        "suicidal suicide kms ctb sewerslide sewer slide unalive unaliving sui delete bus sewercide suey toaster catch",
        r"(?:feel|feeling|felt|im|am|so|really|very|bit|getting|been|still|again|actively|more|back to being)"
        r"(?: \w+){0,2} (?:suicidal|sui)"
        r"|suicidal (?:again|tonight|now|today|rn|thoughts are|thoughts have|ideation is|feelings are)"
        r"|(?:suicide|sewerslide|sewer slide|sewercide|unalive|unaliving|exit) (?:plan|note|letter|date|method|"
        r"tonight|is the only|seems)"
        r"|(?:thinking|thoughts|think|planning|want|considering)(?: \w+){0,3} (?:suicide|sewerslide|sewer slide|"
        r"sewercide|unaliving|suicidal)"
        r"|(?:gonna|going to|want to|wanna|might|will|ill|just|to) (?:kms|ctb|unalive|sewerslide|commit sewerslide|"
        r"commit suicide|commit|self delete|catch the bus|delete myself)"
        r"|kms (?:tonight|soon|tbh im serious|for real)|suicidal thoughts (?:every|all|wont|keep|again)"
        r"|have suicidal thoughts",
    ),
    _rule(
        "taken",
        "took taken tuk swallowed necked downed overdose overdosed od injected had",
        rf"(?:took|taken|tuk|swallowed|necked|downed|had|injected)(?: \w+){{0,4}} {_MUCH}(?: \w+){{0,3}} {_DRUGS}"
        rf"|(?:took|taken|taking|take|had|done) an? (?:overdose|od)|(?:ive|just|have|i) (?:overdosed|od d|odd|oded)"
        rf"|(?:took|taken|swallowed|necked) (?:all|too many|\d\d+)(?: \w+){{0,3}}$"
        rf"|(?:took|taken|swallowed|necked)(?: \w+){{0,3}} {_DRUGS}(?: \w+){{0,4}} (?:feel sick|sleepy|scared|drowsy|"
        rf"cant stop|regret)",
    ),
    _rule(
        "means",
        "saved saving stockpile stockpiling stockpiled hoarding collecting rope bridge edge roof platform track "
        "tracks cliff lethal painless noose ligature note notes letters many stash stashed quickest knife blade "
        "blades razor railway train car exhaust wall tree river gun insulin voices voice enough lined",
        rf"(?:saved|saving|stockpiling|stockpiled|hoarding|collecting|stash|stashed|stashing|kept back)"
        rf"(?: \w+){{0,4}} {_DRUGS}"
        rf"|(?:got|bought|found|have|tied|holding)(?: \w+){{0,3}} (?:rope|noose|ligature)"
        r"|(?:standing|sat|sitting|stood|im|am|at|here)(?: \w+){0,3} (?:on|by|at|near)(?: \w+){0,3} (?:bridge|edge|"
        r"roof|platform|railway|tracks|cliff)(?: \w+)*"
        rf"|(?:written|writing|wrote|write|left)(?: \w+){{0,3}} (?:notes?|letters)(?: \w+){{0,2}} (?:to|for) (?:my|"
        rf"the|everyone|them|kids|mum|family)(?: \w+)*"
        rf"|how many(?: \w+){{0,3}} {_DRUGS}(?: \w+){{0,3}} (?:take to|would it take|to die|kill|fatal|lethal|be "
        rf"enough|finish)|lethal dose|painless (?:ways?|methods?|death)"
        rf"|(?:quickest|easiest|quick|best) way (?:to (?:die|go|end|do)|out)"
        r"|(?:drive|driving|crash|crashing)(?: \w+){0,3} (?:into|off)(?: \w+){0,2} (?:wall|tree|river|lorry|bridge|"
        r"road|barrier)|(?:had|have|get|got) a gun|stopped (?:taking )?my insulin"
        r"|voices?(?: \w+){0,2} (?:tell|telling|told|say|saying|said|want)(?: \w+){0,3} (?:jump|kill|die|hurt|end|"
        r"cut|harm|do it)"
        rf"|{_DRUGS}(?: \w+){{0,2}} (?:lined up|in front of me|ready|in my hand)"
        rf"|(?:got|have|ive) enough(?: \w+){{0,2}} {_DRUGS}"
        r"|(?:step|stepping|jump|jumping|jumped|walk|walking|lie|lying)(?: \w+){0,2} (?:in front of|under|onto|off)"
        r"(?: \w+){0,2} (?:train|lorry|car|bus|bridge|tracks|roof|traffic|cliff)"
        r"|(?:got|holding|have|sat with|sitting with|looking at)(?: \w+){0,3} (?:knife|blade|razor|blades)"
        r"(?: \w+){0,4}",
    ),
    _rule(
        "not-safe",
        "safe trust stupid silly might scared frightened afraid worried daft bad",
        rf"(?:cant|cannot|cannae|dont think i can|not sure i can|struggling to|couldnt) keep {_SELF} safe"
        rf"|(?:not|dont feel|dont|isnt|im no|am no|no) (?:\w+ )?safe (?:with|from|wi) {_SELF}"
        rf"|(?:dont|dinnae|cant) trust {_SELF}"
        rf"|(?:scared|afraid|frightened|worried) (?:of|about) (?:what|whit) (?:i|im|ill|ah)(?: \w+)*"
        rf"|(?:scared|afraid|frightened|terrified) of {_SELF}"
        r"|(?:might|gonna|gonnae|going to|about to|could|ill|ahll|i will) (?:do|dae) something (?:stupid|silly|bad|"
        r"daft|really bad)"
        r"|(?:dont|do not|not) feel safe (?:tonight|alone|being alone|on my own|at home|in my own (?:head|home|"
        r"house))",
    ),
    _rule(
        "self-harm-now",
        "cut cutting burn burning burned burnt harmed harming bleeding relapsed wrists wrist hurting scratching",
        rf"(?:just|ive|i|keep|been|started|am|im|have) (?:\w+ )?(?:cut|cutting|burned|burnt|burn|burning|hurting|"
        rf"harmed|harming|scratching) (?:{_SELF}|my (?:arms?|legs?|wrists?|thighs?|skin))(?: \w+)*"
        r"|(?:bleeding|blood) (?:wont|will not|isnt|doesnt) stop(?:ping)?"
        r"|cut (?:\w+ )?too deep|self harm(?:ed|ing)? (?:again|tonight|just now|today)"
        r"|selfharm(?:ed|ing) (?:again|tonight|just now|today)",
    ),
    _rule(
        "goodbye",
        "goodbye goodbyes bye last time gone tomorrow affairs peace thank giving cheerio",
        r"(?:this is|just wanted to say|wanted to say|saying|say|said)(?: \w+){0,3} (?:goodbye|goodbyes|cheerio|bye)"
        r"(?: \w+){0,3}"
        r"|(?:goodbye|bye) (?:everyone|everybody|all|you all|my friends|folks)(?: \w+)*"
        r"|(?:this is|its|be|here is) my last (?:ever )?(?:post|message|night|day|words)"
        r"|my last (?:night|day|words)"
        r"|by the time (?:you|u|anyone|someone)(?: \w+){0,2} (?:read|reads|see|sees|find|finds) this"
        r"|(?:when|once|after|if) im (?:gone|no longer here|not here)"
        r"|(?:wont|will not|not|not gonna|not going to) be (?:here|around|alive) (?:for my|when you|when they|"
        r"tomorrow|much longer|for long|long|next week|by the weekend|in the morning|after tonight|for christmas)"
        r"|(?:sorted|put|got|getting) (?:my|all my|ma) affairs(?: in order)?"
        r"|giving away (?:my|all my|everything)(?: \w+)*|made my peace with (?:it|going|leaving)",
    ),
    _rule(
        "hurt-by",
        "hit hits hitting beats beat beating punched punches choked choking chokes strangled strangles kicked kicks "
        "threatened threatens threatening forces forced raped rapes slapped slaps battered belted leathered "
        "clattered grabbed grabs pushed pushes shoved hurts locked locks touches touched throat neck burns bruises "
        "bruise hurting pinned",
        rf"{_ABUSER}(?: \w+){{0,3}} (?:hits?|hitting|beats?|beating|punche[sd]|choke[sd]|choking|strangle[sd]|kicks?|"
        rf"kicked|threatens?|threatened|threatening|forces?|forced|rape[sd]|slaps?|slapped|battered|belted|leathered|"
        rf"clattered|grabs?|"
        r"grabbed|pushe[sd]|shoved|hurts?|hurting|locked|locks|burns|pinned) me(?: \w+)*"
        r"|hands? (?:round|around|on) my (?:throat|neck)"
        r"|(?:bruises|bruise) (?:from|where) (?:him|her|he|she)(?: \w+)*"
        r"|(?:locked|locks) me (?:in|out|up)",
        about_me_now=False,
    ),
    _rule(
        "controlled",
        "let lets phone money card passport keys tracks tracking follows following watches checks believe outside "
        "door medication insulin allowed permission scared terrified afraid frightened feart kill find says said "
        "threatened leave",
        rf"(?:wont|doesnt|does not|never|dont|will not|refuses to) let me (?:leave|go out|out|see|talk|speak|have|"
        rf"eat|sleep|work|use|go)(?: \w+)*"
        rf"|{_ABUSER}(?: \w+){{0,2}} (?:takes|took|taken|keeps|kept|controls|hides|hid|has|reads|smashed|broke) "
        rf"(?:\w+ )?(?:my|me|all my|all the) (?:phone|money|bank card|card|passport|keys|bank account|wages|benefits|"
        rf"post|letters|tablets|medication)(?: \w+)*"
        rf"|(?:not|never|aint) allowed (?:to (?:leave|see|go|have|speak|talk)|out|my|any)(?: \w+)*"
        rf"|(?:scared|terrified|afraid|frightened|feart) (?:of (?:him|her|them|my (?:own )?(?:husband|partner|wife|"
        rf"boyfriend|girlfriend|dad|ex|stepdad|son|uncle|mum))|to go home|tae go hame|to be at home|to leave him|he "
        rf"will|hell|shell|hes|ae him)(?: \w+)*"
        rf"|{_ABUSER}(?: \w+){{0,3}} (?:said|says|saying|told|threatens|threatened|promised|swears|swore)"
        rf"(?: \w+){{0,6}} (?:kill|find|hurt|stab|burn) (?:me|us|the kids|my kids|the children)(?: \w+)*"
        rf"|{_ABUSER} (?:tracks|follows|watches|checks) (?:me|my)(?: \w+)*"
        rf"|(?:because|in case|so that|he|she) (?:he|she|they)? ?checks$"
        rf"|(?:nobody|no one) would believe (?:me|you|somebody|someone)(?: \w+)*"
        rf"|{_ABUSER}(?: \w+)? (?:threw|flushed|hid|hides|took|binned) (?:\w+ )?(?:medication|meds|tablets|insulin|"
        rf"inhaler)(?: \w+)*"
        rf"|(?:ex|he|she) (?:is|s) (?:outside|at the door|here)(?: \w+){{0,3}} again"
        rf"|(?:have|has|took|kept|got) my passport(?: \w+)*"
        rf"|(?:says|said|threatens|threatened|told me)(?: \w+){{0,3}} (?:kill|find|hurt) (?:me|us|the kids|my kids|"
        rf"him ?self|her ?self)(?: \w+)*",
        about_me_now=False,
    ),
    _rule(
        "child",
        "touches touched touching touch room secret pics pictures nudes photos naked webcam son daughter bairn wee "
        "burn burns marks year smother 8 9 10 11 12 13 14 15 16 17 baby shake toddler kids hits bruises alone undress",
        r"(?:stepdad|dad|uncle|coach|teacher|brother|cousin|grandad|neighbour|man|mans boyfriend|mums boyfriend|mums "
        r"bf|priest|tutor|babysitter|he|she|someone|somebody|guy)(?: \w+){0,4} (?:touches|touched|touching|touch) "
        r"(?:me|my|him|her)(?: \w+)*"
        r"|(?:comes|came|coming|come|gets) (?:in|into|in to|intae) (?:my|ma) (?:room|bed)(?: \w+)*"
        r"|(?:wants|wanted|asked|asks|asking|makes|made|told|making|got) me (?:to |for )?(?:\w+ ){0,4}(?:pics|"
        r"pictures|nudes|photos|nude|naked|webcam|camera|undress)(?: \w+)*"
        r"|(?:nudes|naked (?:pics|pictures|photos)) of me(?: \w+)*"
        r"|(?:our|keep it a|its a|a) (?:little )?secret(?: \w+){0,3} (?:mum|dad|anyone|nobody|tell)"
        r"|(?:shake|shook|hurt|hit|throw|smother|drop|harm) (?:the|my|ma) (?:baby|kids|son|daughter|toddler|wee one|"
        r"bairn)(?: \w+)*"
        r"|(?:bruises?|burns?|marks|welts) (?:all over|on (?:his|her|their) \w+)(?: \w+)*"
        r"|(?:im|i am|am)(?: only)? (?:8|9|1[0-7]|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
        r"(?: years old| yrs old| yo)?$"
        r"|(?:im|i am)(?: only)? (?:8|9|1[0-7]|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen) and (?:\w+ "
        r")+|im in year (?:[7-9]|1[01])(?: \w+)*"
        r"|(?:im|i am|am|age|aged)(?: only)? (?:8|9|1[0-7])(?: \w+){0,6} (?:hits|hit|hurts|beats|touches|scared|"
        r"hungry|alone|kill|die)(?: \w+)*"
        r"|(?:he|she|they|mum|dad) (?:\w+ )?(?:hits|beats|leaves) (?:us|the kids|the children|my (?:son|daughter|"
        r"brother|sister))(?: \w+)*",
        about_me_now=False,
    ),
)

_WORDS_OF_RULES = frozenset(word for rule in RULES for word in rule.keys)
_RULES_OF = {word: tuple(rule for rule in RULES if word in rule.keys) for word in _WORDS_OF_RULES}

#: Behind the writer: then nobody needs to come tonight.
_PAST = re.compile(
    r"\b(?:(?:years?|months|decade|decades|yrs) ago|used t(?:o|ae|a)|(?:am|im|ahm) (?:ok|okay|fine|alright|awright|"
    r"all right) n(?:ow|oo)|back then|when i was|in (?:19|20)\d\d|last (?:year|summer|winter|autumn|spring|christmas|"
    r"century)|years back|(?:days|weeks|months|years?) (?:clean|free|sober|safe|self harm free|since|without|on)|"
    r"(?:self harm|harm) free|glad (?:i|im|it|to|that)|so grateful|grateful (?:i|that|to)|thankful (?:i|that)|"
    r"recovered|in recovery|at my worst|at the time|in those days|long time ago|looking back|proud|once tried|"
    r"survived|thank god i|no more urges|helped me stop|stopped me|talked me out|my story|back in (?:19|20)?\d\d|as "
    r"a (?:teen|teenager|kid|child)|got through|turning point)\b"
)
_NOT_SO = re.compile(
    r"\b(?:not (?:\w+ )?(?:suicidal|going to|gonna|planning|thinking of|about to)|never (?:want|wanted|going|felt|"
    r"feel|would|again|thought)|(?:dont|didnt|do not|dinnae) (?:want|wanna|plan|intend) (?:to )?(?:die|kill|hurt|end|"
    r"harm|cut|do anything)|(?:havent|hasnt|not|have not|hadnt) (?:\w+ )?(?:cut|hurt|harmed|felt|wanted|self harmed|"
    r"thought|been suicidal|had)|(?:stopped|instead of|without|rather than|quit) (?:\w+ )?(?:wanting|cutting|hurting|"
    r"harming|thinking|self harming|self harm|feeling|to)|no plans? to|no longer (?:want|feel|suicidal|think)|"
    r"wouldnt (?:ever )?(?:do|hurt|harm|act|kill)|no intention|isnt about wanting|(?:dont|didnt) (?:mean|meant) "
    r"(?:that|it)|nobody should)\b"
)
#: What everyone says of traffic, exams and jokes.
_IDIOM = re.compile(
    r"\b(?:laugh|laughing|laughed|lol joking|lmao|haha|hahaha|embarrass\w*|boredom|starving|cuppa|traffic|homework|"
    r"exams?|deadline|shoes|heels|episode|series|quiz|workout|printer|wifi|router|recipe|netflix|chopping|onions?|"
    r"shaving|oven|contract|subscription|this chat)\b"
)
#: It happened to somebody else, who is mourned or spoken of.
_MOURNED = re.compile(
    r"\b(?:died by|lost (?:my|him|her|them|our|a)|lost (?:\w+ ){1,3}to suicide|took (?:his|her|their) own life|"
    r"killed (?:himself|herself|themselves)|hanged (?:himself|herself)|passed away|funeral|bereaved|bereavement|"
    r"anniversary of|inquest|survivors? of suicide|since (?:he|she|my \w+) (?:died|went|passed)|(?:his|her|their) "
    r"(?:suicide|death|grave|ashes)|scatter\w*|suicide awareness|training|leaflet|helpline|campaign|fundrais\w*|"
    r"documentary)\b"
)
_LONG_PAST = re.compile(
    r"\b(?:used to|years ago|when i was (?:a|little|young|small|\d)|as a (?:child|kid|girl|boy|teen)|i left (?:him|"
    r"her) in|in (?:19|20)\d\d)\b"
)
_NOW = re.compile(
    r"\b(?:tonight|right now|again|rn|today|this time|still|back now|same way|like him|like her|join (?:him|her|"
    r"them)|follow (?:him|her|them)|with (?:him|her) again|an hour ago|minutes ago|hours? ago|just now)\b"
)


def list_rules(folded: str) -> tuple[str, ...]:
    """Return the names of the rules after which a person should look, sorted; nothing of what they found.

    :param folded: text from `characters.fold`.
    """
    found: set[str] = set()
    for reading in _readings(folded):
        found.update(_in(reading))
    return tuple(sorted(found))


def _readings(folded: str) -> Iterator[str]:
    plain = folded.replace("'", "").replace("’", "").replace("-", " ").replace("💊", " pills ")
    yield plain
    if _MIXED.search(plain):
        yield from undisguised(plain)
        yield _STARRED.sub("", plain)


def _in(text: str) -> Iterator[str]:
    """Only sentences with a rule's word are looked at, and only by that rule: most posts end after the first line."""
    if _WORDS_OF_RULES.isdisjoint(words_in(text)):
        return
    for part in _SENTENCE.split(text):
        words = words_in(part)
        wanted = {rule.name: rule for word in words for rule in _RULES_OF.get(word, ())}
        said = " ".join(words) if wanted else ""
        for rule in wanted.values():
            if rule.pattern.search(said) and not (_is_quiet if rule.about_me_now else _is_long_past)(said):
                yield rule.name


def _is_long_past(said: str) -> bool:
    """Whether somebody speaks of what others did to them long ago."""
    return bool(_LONG_PAST.search(said) and not _NOW.search(said))


def _is_quiet(said: str) -> bool:
    """Whether a sentence is about the past, says that it is not so, or is a way of speaking. Urgent words outweigh."""
    if _NOT_SO.search(said) or _IDIOM.search(said):
        return True
    return bool((_PAST.search(said) or _MOURNED.search(said)) and not _NOW.search(said))
