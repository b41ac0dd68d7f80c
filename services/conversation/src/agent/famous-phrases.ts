/**
 * Phrases that everybody knows, in the order in which somebody would try them: long, and guessed all the same. The first
 * ones explain in public what a good password is.
 */
const phrases = `
correct horse battery staple
staple battery horse correct
horse battery staple
battery staple
tr0ub4dor&3
purple monkey dishwasher
cleft cam synod lacy yr wok
my voice is my passport verify me
this is my password
this is a secret
this is a strong password
let me in please
i forgot my password
the password is password
change me later
open sesame
may the force be with you
i am your father
winter is coming
live long and prosper
one ring to rule them all
you shall not pass
valar morghulis
to infinity and beyond
hasta la vista baby
i will be back
houston we have a problem
elementary my dear watson
all your base are belong to us
the cake is a lie
never gonna give you up
keep calm and carry on
the quick brown fox jumps over the lazy dog
lorem ipsum dolor sit amet
to be or not to be
that is the question
i think therefore i am
in the beginning god created the heavens and the earth
our father who art in heaven
for god so loved the world
the lord is my shepherd
twinkle twinkle little star
happy birthday to you
jack and jill went up the hill
mary had a little lamb
humpty dumpty sat on a wall
once upon a time
i love you so much
i love my family
god bless america
make america great again
you only live once
carpe diem quam minimum
veni vidi vici
cogito ergo sum
liberte egalite fraternite
vorsprung durch technik
hakuna matata
supercalifragilisticexpialidocious
abracadabra alakazam
床前明月光疑是地上霜
天生我材必有用
好好学习天天向上
woaini1314520
`
  .trim()
  .split('\n');

const separators = ['', ' ', '-', '_', '.', ','];

/** Each phrase as one word of a dictionary, with what people put between its words. */
export const famousPhrases: readonly string[] = phrases.flatMap((phrase) => [
  ...new Set(separators.map((separator) => phrase.split(' ').join(separator))),
]);
