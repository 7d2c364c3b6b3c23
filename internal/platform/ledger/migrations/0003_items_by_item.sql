-- What retention removes is found by the items of the entries it removes: no
-- other statement asks for the items of a number.
DROP INDEX ledger_item_seq;
