-- Runs in a copy after Odoo's own neutralization, which stops jobs and mail servers and
-- by which the program recognizes a test system. Statements of pay that wait in the
-- queue never leave from there, even if somebody sets up a mail server. A database that
-- isn't updated yet has no table nka_database and can lack others, so nothing else is
-- expected of it.
UPDATE mail_mail
   SET state = 'cancel'
  FROM mail_message
 WHERE mail_message.id = mail_mail.mail_message_id
   AND mail_message.model = 'nka.pay.statement'
   AND mail_mail.state = 'outgoing';
