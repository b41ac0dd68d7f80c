-- What was found out about each message of a buyer besides its language, and what follows for the conversation.

-- Scores, and places in the text; never its words. Null for messages of others and for those without words.
alter table message_analysis add column understanding jsonb;
-- Raised each time the message is analysed again with another answer.
alter table message_analysis add column revision integer not null default 1;

-- The mood, and the last messages of the buyer that it follows from. Null until the buyer wrote words.
alter table analysed_conversation add column mood jsonb;
-- What it is about, its risks and its priority. Null until the buyer wrote words.
alter table analysed_conversation add column triage jsonb;
