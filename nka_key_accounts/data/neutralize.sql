-- A neutralized copy is a test system, whatever is switched on in it later. Databases
-- that aren't updated yet have no such table.
DO $$
BEGIN
    IF to_regclass('nka_database') IS NULL THEN
        RETURN;
    END IF;
    -- No statement of the original goes to its employee from here, even by hand.
    UPDATE mail_mail SET state = 'cancel', failure_reason = 'neutralization'
     WHERE state = 'outgoing'
       AND mail_message_id IN (SELECT id FROM mail_message
                                WHERE model = 'nka.pay.statement');
    -- Forget the reset of this parameter by hand: the program records the rest.
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('database.is_neutralized', 'true')
        ON CONFLICT (key) DO UPDATE SET value = 'true';
END $$;
