"""Words by which `naming` tells people from places: given names, surnames, titles, place words.

Common in the United Kingdom, drawn up by hand from general knowledge, plain letters, lower case.
Names that are also words or places stand in `DOUBTFUL`: alone they name nobody.
"""


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


GIVEN = _words("""
aaron abdul abdullah abigail adam adrian agnes ahmed aidan aisha alan alastair albert alec alex
alexander alfie alfred ali alice alison alistair amanda amelia amina amy ana andrea andrei andrew
andy angela angus anita anna anne annie anthony antonio anwar arthur arun asif audrey ayesha barbara
barry beatrice becky ben benjamin bernard beth bethany betty beverley bilal billy bob bogdan brenda
brendan brian bridget bruce bryan callum cameron carl carla carlos caroline carolyn catherine cathy
cecil chantelle charles charlie chloe chris christian christina christine christopher ciara claire
clara clare clive colin connor craig cynthia damian daniel danny darius darren dave david debbie
deborah deepak denise dennis derek desmond diana diane dmitri dominic donald donna doreen dorothy
douglas duncan dylan eamon eddie edith edward edwin eileen elaine eleanor eleni eliza elizabeth ella
ellen ellie elliot elsie emily emma eric erin esther ethan eva evan evelyn ewan fatima felix fiona
fran frances francesca francis fred freddie frederick gabriel gareth gary gavin gemma geoff geoffrey
george geraldine gerard gillian gina giovanni gladys glenn gordon graeme graham greg gregory
gurpreet gwen hannah harold harriet harry harvey hasan hassan hazel heather helen henry hilary
howard hugh hussain hussein ian ibrahim imran ingrid irene isaac isabel isabella isla isobel ivan
jacob jacqueline jacqui jake jamal james jamie jane janet janice jasmine jason javier jean jeff
jeffrey jenna jennifer jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joanne joe joel
johanna john johnny jon jonathan jorge jose joseph josephine josh joshua joyce juan judith judy
julia julian julie juliet karen karl kate katherine kathleen kathryn kathy katie katrina kayleigh
keith kelly ken kenneth kerry kevin khadija khalid kieran kim kimberley kirsty krishna kyle lara
laura lauren laurence leah leanne lee leila leo leon leonard lesley leslie lewis liam lillian linda
lindsay lisa lorna lorraine louis louise lucas lucy luke lydia lynne maciej madeleine maisie malcolm
manjit marcus margaret maria marie marion marjorie marlene martha martin mary matt matthew maureen
maurice megan mehmet melanie melissa michael michelle mike mikhail millie mohamed mohammad mohammed
mohamud moira molly monica muhammad muriel nadia nancy naomi natalie natasha nathan neil nicholas
nick nicola nicole nigel nikhil noah noel nora norman olga oliver olivia omar oscar osman owen
pamela patricia patrick paul paula pauline peggy penelope penny pete peter phil philip philippa
phillip phoebe piotr pooja priya rachel rahul raj rajesh ralph raymond rebecca reginald rhys ricardo
richard rita robert roberto robin rodney roger ronald ronnie rory rosemary rosie ross roxanne roy
russell ruth ryan sally sam samantha samuel sandra sanjay sara sarah scott sean sebastian sergei
shannon sharon shaun sheila shirley simon siobhan sonia sophia sophie stacey stanley stella
stephanie stephen steve steven stewart stuart sunita surinder susan susanna suzanne syed sylvia
tamara tania tanya tariq terence teresa terry thelma theo theresa thomas tim timothy tina toby tom
tomasz tommy tony tracey tracy trevor usman valerie vanessa vera vernon veronica vijay vikram viktor
vincent vladimir walter wayne wendy wilfred william winifred wojciech yasmin yusuf yvonne zachary
zahra zainab zara zoe
""")

DOUBTFUL = _words("""
adelaide amber angel april art ash ashton august austin autumn bailey bill bonnie brandy brooke
brooklyn carlisle carol chad charity chase chelsea cherry chester china christmas cliff clifton
coral crystal daisy dale dallas dawn dean devon don dot drew earl ebony eden faith florence forest
frank gale gene georgia ginger glen grace grant guy heath holly hope houston hunter india iris
israel ivy jack jade jay jordan joy june kent kingston lance lily lincoln logan lynn mark mason max
may mercy miles milo misty olive paris parker pat patience pearl peg penny pepper pierce poppy
preston rafe ray reed reuben rich river rob robin rocky roman rose rowan ruby rusty sandy savannah
scarlett sharp shelby sid sky skye sonny stafford star stirling sue summer sutton sydney taylor
terra tiger trinity troy victoria violet virginia wade ward west will willow winter wolf wren
""")

SURNAMES = _words("""
adams ahmed akhtar ali allen anderson andrews armstrong atkinson bailey baker ball barker barnes
barrett begum bell bennett booth bradley brooks brown burton butler byrne campbell carr carter
chambers chapman chaudhry clark clarke cole collins cook cooper cox craig cunningham davies davis
dawson day dean dixon doherty doyle edwards elliott ellis evans fernandes fisher fletcher ford
foster fox fraser gallagher gardner george gibson gill gordon graham grant gray green griffiths hall
hamilton hamza harper harris harrison hart harvey hassan hill holmes houghton hudson hughes hunt
hunter hussain hussein islam jackson james jenkins johnson johnston jones jordan joshi kaur kelly
kennedy khan king knight kowalczyk kowalski kumar lawrence lawson lee lewis lloyd lynch macdonald
mackenzie mahmood malik marsh marshall martin mason matthews mccarthy mcdonald mills mitchell
mohamed moore morgan morris morrison murphy murray newman nguyen nowak o'brien o'connor o'neill
obrien oconnor oneill osborne owen palmer parker patel payne pearce pearson perry phillips poole
popescu powell price quinn rahman reid reynolds rice richards richardson roberts robertson robinson
rogers rose ross russell ryan sanders saunders scott shah sharma shaw simpson singh smith spencer
stevens stewart stone sullivan sutton taylor thomas thompson thomson turner walker wallace walsh
ward watkins watson watts webb wells west white wilkinson williams williamson wilson wood woods
wright young zhang
""")

SURNAME_ENDINGS = (
    "ski", "ska", "sky", "wicz", "czyk", "escu", "poulos", "ovic", "idis", "enko", "shvili", "yan",
)  # fmt: skip

TITLES = _words("""
cllr constable councillor dr madam mr mrs ms mx pcso prof professor rev reverend sergeant sgt sheikh
superintendent supt
""")

DOUBTFUL_TITLES = _words("""
captain dame dc dci di ds imam inspector judge lady lord miss officer pc rabbi sir
""")

PLACE_WORDS = _words("""
academy airport arcade arena avenue bank barracks beach boulevard bridge canal castle cathedral
cemetery centre church circus city close college common corner court crescent cross dock docks drive
embankment estate farm festival fields gardens gate green grounds grove hall hill hospital hotel
house island junction lake lane library mall marina market memorial mews monument mosque museum
nevis palace parade park pier place plaza precinct prison quarter quay racecourse ring road
roundabout row school shed square stadium staircase station street subway surgery synagogue temple
terminal terrace theatre tower town tube tunnel underground university viaduct village walk way
wharf woods yard zoo
""")

ORDINARY = _words("""
a about action after again against all am an and any are around as at be been before being below
between both bus buses but by can carnival concert could crash crime day did disorder do does down
during each event fair festival few fire flood flooding football for from further game gig had has
have having he her here hers him his how i if in incident into is it its just knife march match me
more most my news no nor not now of off on once only or other our out over own parade people police
protest rally riot sale same she should show shows so some such than that the their them then there
these they this those through to too tour traffic trip under until up us very was we weekend were
what when where which while who why will with world you your
""")

KNOWN_PHRASES = (
    "black friday", "ben nevis", "george cross", "guy fawkes", "harry potter",
    "henry hoover", "jack daniels", "james bond", "john lewis", "john lennon airport",
    "marks and spencer", "martin luther king day", "saint john ambulance", "st john ambulance",
    "st john's ambulance", "tommy hilfiger", "victoria cross", "victoria line", "wetherspoon",
    "william hill", "paddy power", "fred perry", "ted baker",
)  # fmt: skip

SHORT_WORDS = _words("""
act all and any apr are aug bar bbc bin biz bus but can car cat cup day dec did dog eve far feb few
fog for fri gas get gig gun had has her hgv him his how ice inn its jab jam jan jct jul jun kid law
let lot mar may men met min mon mph nhs nov now oct off oil old one our out own pub put ran rat run
sat saw sea see sep she sit six sky sun tea ten the thu too top tue two use van vip war was way wed
who why win yes yet you
""")

SHORTER_WORDS = _words("""
am an as at be by do go he hi if in is it me mr my no of oh ok on or pm so st to uk up us we
""")
