FROM
FROM a b
FROM a AS
FROM a as b c
FROM a IN b
FROM a AS 1x
FROM a AS b/c
