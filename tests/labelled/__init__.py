"""Texts labelled by hand, and how well the checks tell them apart.

`leaks.jsonl` holds texts in which the method shows through, each with the checks that ought to say so (`kinds`);
`clean.jsonl` holds texts in which it does not, though a filter of keywords would think so. All these were written for
this project. A text belongs to the half that its digest gives it: patterns are tuned on one half only. `real.jsonl`
says where leaks stand in the files of real data: by place, without their text, which is under other licences. Whatever
is not listed there is clean.

`grounding.jsonl` says which claims of real answers are true of their pictures: GROUNDING.md tells how it was made.
"""
