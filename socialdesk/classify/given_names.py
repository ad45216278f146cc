"""Given names common in the United Kingdom, in lower case.

Gathered by hand from what is commonly met; names that are also everyday words or months are left
out ("will", "grace", "may"), since a name is found by its capital and sentences begin with one.
"""

_NAMES = (
    "aaron abdul abdullah abigail adam adele adrian ahmed aidan aisha alan alastair albert alec "
    "alex alexander alexandra alfie ali alice alison allan alyssa amanda amelia amina amir amy "
    "ana andrea andrew andy angela angus anita ann anna anne annie anthony antonio anya arif "
    "arjun arthur asif asha ashley audrey ava ayesha barbara barry ben benjamin bernard beth "
    "bethany beverley brenda brian bridget callum cameron camilla carl carly carol caroline "
    "catherine cerys charles charlie chris charlotte chelsea cheryl chloe christina christine "
    "christopher ciaran claire clare colin connor conor craig dafydd daisy daniel danielle "
    "danny darren dave david dawn dean debbie deborah declan denise dennis derek diana diane "
    "dominic donna doreen dorothy duncan dylan eamonn edith edward eileen elaine eleanor elena "
    "eleri elizabeth ella ellie elliot elsie emily emma eric erin ethan eva evan evelyn evie "
    "ewan fatima ffion fiona frances francesca freddie freya gareth gary gavin gemma geoff "
    "geoffrey george georgia georgina gerald geraint gillian gordon graeme graham greg gurpreet "
    "gwen hamza hannah harpreet harriet harry harvey hassan heather helen henry hugh ian "
    "ibrahim imran irene iris isaac isabel isabella isla ivan jack jackie jacob jacqueline jade "
    "jake james jamie jan jane janet janice jasmine jason jasmin jayden jean jeff jennifer "
    "jenny jeremy jess jessica jill joan joanna joanne joe joel john jonathan jordan joseph "
    "josh joshua joyce judith julia julian julie june karen karl kasia kate katherine kathleen "
    "kathryn katie kayleigh keith kelly ken kenneth kerry kevin khalid kieran kim kirsty "
    "krzysztof kyle laura lauren leah leanne lee leo leon leroy lesley leslie lewis liam lily "
    "linda lisa liz logan lorraine louis louise lucas lucy luke lydia lynn lynne maggie malcolm "
    "marcus margaret maria marie marilyn marion marjorie martha martin martyn mary mason "
    "matthew maureen mehmet megan mel melanie melissa mia michael michelle mick mike mohamed "
    "mohammad mohammed molly moira muhammad nadia naomi natalie natasha nathan neil niall "
    "nicholas nick nicky nicola nigel nina noah noel norman oliver olivia omar oscar owen "
    "pamela parveen patricia patrick paul paula pauline peter phil philip philippa phoebe piotr "
    "poppy priya rachel raj rajesh ravi raymond rebecca reece rhiannon rhys richard riley rita "
    "robert robin rodney roger ronald rosemary rory rosie ross rowan roy ruby russell ruth ryan "
    "sabrina sadia sally sam samantha samir samuel sandra sanjay sara sarah scott sean "
    "sebastian shane shannon sharon shaun sheila shirley simon sinead sioned siobhan sofia "
    "sonia sophia sophie stacey stella stephanie stephen steve steven stewart stuart sue susan "
    "suzanne sylvia tanya tariq tegan teresa terence terry thelma theo theresa thomas tim "
    "timothy tina toby tom tommy tony tracey tracy trevor tyler usman valerie vanessa vera "
    "vicky victoria vincent vivienne wayne wendy wiktor william winston yasmin yusuf yvonne zac "
    "zainab zara zoe"
)
GIVEN_NAMES = frozenset(_NAMES.split())
