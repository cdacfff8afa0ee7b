INSERT INTO conversations (id, channel, account, owner, locale, language, state, created_at, updated_at)
VALUES ('c1', 'email', 'complaints@bank.example', 'bot', 'zh-Hans', 'zh-Hans', '{}', '2026-11-23 08:00:00.000000', '2026-11-23 08:00:00.000000');
INSERT INTO messages (conversation_id, number, sender, text, at)
VALUES ('c1', 1, 'customer', '理财亏了三万五', '2026-11-23 08:00:00.000000');
INSERT INTO cases (id, reference, status, category, risk, disposition, channel, account, language, facts, words, evidence, declined, corrected, customer, received_at, created_at, updated_at)
VALUES ('k1', 'C20261123-000001-2', 'filed', 'product', 'general', 'investigate', 'email', 'complaints@bank.example', 'zh-Hans', '{}', '{}', '{}', '[]', '[]', '陈晓雯', '2026-11-23 08:00:00.000000', '2026-11-23 08:00:00.000000', '2026-11-23 08:00:00.000000');
INSERT INTO case_conversations (case_id, conversation_id, linked_by, reason, at)
VALUES ('k1', 'c1', 'system', 'first_complaint', '2026-11-23 08:00:00.000000');
