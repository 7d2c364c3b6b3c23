CREATE TABLE product (
	name text PRIMARY KEY,
	price_cents bigint NOT NULL CHECK (price_cents > 0),
	stock integer NOT NULL CHECK (stock >= 0)
);

INSERT INTO product (name, price_cents, stock) VALUES
	('Anvil', 12900, 7),
	('Bird seed', 450, 310),
	('Portable hole', 99900, 2),
	('Rocket skates', 34950, 12);
