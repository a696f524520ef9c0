// Exchanges, queues and bindings: declared, compared, deleted, and written to the batch of the turn.

#include <algorithm>

#include "base/check.hpp"
#include "core/broker.hpp"
#include "core/exchange_arguments.hpp"
#include "core/queue_arguments.hpp"

namespace causeway::core {

namespace {

std::string quoted(std::string_view kind, std::string_view name, std::string_view vhost) {
    return std::string(kind).append(" '").append(name).append("' in vhost '").append(vhost).append("'");
}

const char* text_of(bool value) { return value ? "'true'" : "'false'"; }

failure reserved_name(std::string_view kind, std::string_view name, std::string_view prefix = "amq.") {
    return {error::access_refused,
            std::string(kind) + " name '" + std::string(name) + "' contains reserved prefix '" + std::string(prefix) + "*'"};
}

failure locked(std::string_view queue, std::string_view vhost) {
    return {error::locked, "cannot obtain exclusive access to locked " + quoted("queue", queue, vhost) +
                               ". It could be originally declared on another connection or the exclusive property value does "
                               "not match that of the original declaration."};
}

/// 22 characters of base64url without padding, as RabbitMQ's server-named queues have.
std::string random_text(const std::function<std::uint64_t()>& random) {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    for (int half = 0; half < 2; ++half)
        for (std::uint64_t bits = random(), i = 0; i < 11; ++i, bits /= 64) text.push_back(letters[bits % 64]);
    return text;
}

outcome<void> compare(const exchange_definition& received, const exchange_definition& current, std::string_view vhost) {
    const auto differs = [&](std::string_view argument, const std::string& a, const std::string& b) {
        return inequivalent(argument, "exchange", current.name, vhost, a, b);
    };
    if (received.type != current.type)
        return differs("type", std::string("'") + name_of(received.type) + "'", std::string("'") + name_of(current.type) + "'");
    if (received.durable != current.durable) return differs("durable", text_of(received.durable), text_of(current.durable));
    if (received.auto_delete != current.auto_delete)
        return differs("auto_delete", text_of(received.auto_delete), text_of(current.auto_delete));
    if (received.internal != current.internal) return differs("internal", text_of(received.internal), text_of(current.internal));
    return compare_exchange_arguments(received.arguments, current.arguments, {"alternate-exchange"}, current.name, vhost);
}

outcome<void> compare(const queue_definition& received, const queue_definition& current, std::string_view vhost) {
    if (received.durable != current.durable)
        return inequivalent("durable", "queue", current.name, vhost, text_of(received.durable), text_of(current.durable));
    if (received.auto_delete != current.auto_delete)
        return inequivalent("auto_delete", "queue", current.name, vhost, text_of(received.auto_delete),
                            text_of(current.auto_delete));
    return compare_queue_arguments(received, current, vhost);
}

}  // namespace

// --- records of definitions ---

/// What a repeated declaration waits for: the record of the first one.
template <class T>
outcome<commit_number> broker::saved(T& existing) {
    switch (state_of(existing.saved_by)) {
        case commit_state::pending: return existing.saved_by;
        case commit_state::stored: return commit_number{0};
        case commit_state::failed: break;
    }
    if (!store_.available()) return failure{error::storage_unavailable, "storage is not available"};
    return save(existing);
}

/// What failed commits have lost, now that the store writes again: acknowledged messages are about to hang on it.
void broker::save_lost_definitions() {
    lost_definitions_ = false;
    const auto save_if_lost = [this](auto& definition) {
        if (state_of(definition.saved_by) == commit_state::failed) save(definition);
    };
    for (exchange* x : exchanges_) {
        save_if_lost(*x);
        for (const auto& b : x->bindings()) save_if_lost(*b);
    }
    for (queue* q : queues_) save_if_lost(*q);
    for (session* s : sessions_) save_if_lost(*s);
    for (share* s : shares_) {
        save_if_lost(*s);
        for (auto& [id, m] : s->members())
            if (m.stored && state_of(m.saved_by) == commit_state::failed) save(m);
        s->wake_if_starved();  // perhaps it waited for the store
    }
}

// --- exchanges ---

exchange* broker::find_exchange(std::string_view name) { return exchanges_.find(name); }

exchange& broker::create_exchange(exchange_id id, exchange_definition definition) {
    topology_.add();
    auto parsed = parse_exchange_arguments(definition);
    exchange_rules rules = parsed ? std::move(parsed.value()) : exchange_rules{.routing = definition.type};
    exchange& made = exchanges_.insert(std::make_unique<exchange>(id, std::move(definition), std::move(rules)));
    made.set_alternate(alternate_of(made.definition()));
    return made;
}

outcome<broker::declared_exchange> broker::declare_exchange(exchange_definition definition) {
    if (exchange* existing = find_exchange(definition.name)) {
        TRY(compare(definition, existing->definition(), options_.vhost));
        TRY(const commit_number commit, saved(*existing));
        return declared_exchange{existing, commit};
    }
    if (definition.name.starts_with("amq.")) return reserved_name("exchange", definition.name);
    TRY(exchange_in(definition.arguments, "alternate-exchange", "exchange", definition.name, options_.vhost));
    TRY(parse_exchange_arguments(definition));
    if (definition.durable && !store_.available()) return failure{error::storage_unavailable, "storage is not available"};
    exchange& made = create_exchange(exchange_id{++last_id_}, std::move(definition));
    return declared_exchange{&made, made.definition().durable ? save(made) : 0};
}

commit_number broker::save(exchange& x) {
    return x.saved_by = put_record(table::exchanges, record::key(number(x.id())), x.definition());
}

outcome<commit_number> broker::delete_exchange(std::string_view name, bool if_unused) {
    exchange* x = find_exchange(name);
    if (x == default_exchange_) return failure{error::access_refused, "operation not permitted on the default exchange"};
    if (name.starts_with("amq."))
        return failure{error::access_refused, "deletion of system " + quoted("exchange", name, options_.vhost) + " not allowed"};
    if (!x) return commit_number{0};
    if (x == mqtt_exchange_)
        return failure{error::access_refused, "deletion of " + quoted("exchange", name, options_.vhost) + ", where MQTT publishes, not allowed"};
    if (if_unused && !x->bindings().empty())
        return failure{error::precondition_failed, quoted("exchange", name, options_.vhost) + " in use"};
    return remove_exchange(*x);
}

commit_number broker::remove_exchange(exchange& x) {
    std::vector<std::string> sources;
    const commit_number commit = remove_exchange(x, sources);
    delete_unused(std::move(sources));
    return commit;
}

commit_number broker::remove_exchange(exchange& x, std::vector<std::string>& sources) {
    std::vector<binding*> all = x.incoming;
    for (const auto& b : x.bindings())
        if (b->to_exchange != &x) all.push_back(b.get());  // else it is among the incoming already
    const std::unique_ptr<exchange> dying = exchanges_.take(x);
    const commit_number commit = remove_bindings(all, sources);
    topology_.add();
    return x.definition().durable ? erase(table::exchanges, record::key(number(x.id()))) : commit;
}

/// By name, because one may have gone with another. A loop, because a chain of them may be longer than the stack is deep.
void broker::delete_unused(std::vector<std::string> names) {
    while (!names.empty()) {
        exchange* const x = find_exchange(names.back());
        names.pop_back();
        if (x && x->definition().auto_delete && x->bindings().empty()) remove_exchange(*x, names);
    }
}

// --- queues ---

queue* broker::find_queue(std::string_view name) {
    queue* const known = queues_.find(name);
    return known ? known : find_inbox(name);
}

outcome<queue*> broker::use_queue(std::string_view name, connection_id by) {
    queue* q = find_queue(name);
    if (!q) return failure{error::not_found, "no " + quoted("queue", name, options_.vhost)};
    if (q->exclusive_owner != connection_id::none && q->exclusive_owner != by) return locked(name, options_.vhost);
    return q;
}

queue& broker::create_queue(queue_id id, queue_definition definition, std::shared_ptr<const queue_limits> limits) {
    changed_routes(definition.name);
    queue& made = queues_.insert(std::make_unique<queue>(*this, id, std::move(definition), std::move(limits)));
    made.renew_lease();
    return made;
}

outcome<broker::declared_queue> broker::declare_queue(queue_definition definition, connection_id by,
                                                       std::string_view own_prefix) {
    if (definition.name.empty()) {
        do definition.name = std::string(own_prefix) + random_text(random_);
        while (find_queue(definition.name));
    } else if (definition.name.starts_with("amq.")) {  // also what was generated: such a queue may be used, but not declared again
        return reserved_name("queue", definition.name);
    } else if (find_queue(definition.name)) {
        TRY(queue * existing, use_queue(definition.name, by));
        if (definition.exclusive != existing->definition().exclusive) return locked(definition.name, options_.vhost);
        TRY(compare(definition, existing->definition(), options_.vhost));
        existing->renew_lease();
        TRY(const commit_number commit, saved(*existing));
        return declared_queue{existing, commit, false};
    } else if (definition.name.starts_with("mqtt-subscription-")) {
        return reserved_name("queue", definition.name, "mqtt-subscription-");
    }
    TRY(queue_limits limits, parse_queue_arguments(definition, options_.vhost));
    policies_.complete(limits, definition);
    if (definition.durable && !store_.available()) return failure{error::storage_unavailable, "storage is not available"};

    queue& made = create_queue(queue_id{++last_id_}, std::move(definition),
                               std::make_shared<const queue_limits>(std::move(limits)));
    if (made.definition().exclusive) {
        made.exclusive_owner = by;
        exclusive_[by].emplace(made.id(), &made);
    }
    return declared_queue{&made, made.durable() ? save(made) : 0, true};
}

commit_number broker::save(queue& q) {
    return q.saved_by = put_record(table::queues, record::key(number(q.id())), q.definition());
}

outcome<broker::deleted_queue> broker::delete_queue(std::string_view name, bool if_unused, bool if_empty, connection_id by) {
    if (!find_queue(name)) return deleted_queue{0, 0};
    TRY(queue * q, use_queue(name, by));
    if (q->session())
        return failure{error::access_refused, quoted("queue", name, options_.vhost) + " belongs to an MQTT session"};
    if (if_unused && q->consumer_count() > 0)
        return failure{error::precondition_failed, quoted("queue", name, options_.vhost) + " in use"};
    if (if_empty && q->ready_count() > 0)
        return failure{error::precondition_failed, quoted("queue", name, options_.vhost) + " not empty"};
    const std::size_t messages = q->ready_count();
    return deleted_queue{messages, remove_queue(*q, drop_reason::queue_deleted)};
}

commit_number broker::remove_queue(queue& q, drop_reason reason) {
    const std::unique_ptr<queue> dying = queues_.take(q);
    if (q.durable() && !q.session()) erase(table::queues, record::key(number(q.id())));
    if (q.exclusive_owner != connection_id::none) {
        const auto owned = exclusive_.find(q.exclusive_owner);
        owned->second.erase(q.id());
        if (owned->second.empty()) exclusive_.erase(owned);
    }
    return empty_out(q, reason);
}

commit_number broker::empty_out(queue& q, drop_reason reason) {
    changed_routes(q.name());
    std::vector<std::string> sources;
    remove_bindings(std::vector(q.incoming), sources);
    delete_unused(std::move(sources));
    q.drop_all(reason);
    q.cancel_consumers();
    std::erase(woken_, &q);
    std::erase(gated_, &q);
    std::erase(forgetting_, &q);
    if (dispatching_) std::replace(dispatching_->begin(), dispatching_->end(), &q, static_cast<queue*>(nullptr));
    return batch_.empty() ? 0 : next_commit_;
}

// --- bindings ---

outcome<broker::bound> broker::bind(binding_request request) {
    ENSURE(request.source && (request.to_queue != nullptr) != (request.to_exchange != nullptr));
    // An inbox remembers there which queues its client consumes: by a binding that no message takes, since that exchange looks
    // for queues only.
    const bool remembers = request.to_queue && request.to_queue->session();
    if ((request.source == default_exchange_ && !remembers) || request.to_exchange == default_exchange_)
        return failure{error::access_refused, "operation not permitted on the default exchange"};
    const core::origin& from = request.from ? *request.from : *origins_.amqp;
    if (request.key.size() >= topic_levels_max && from.pattern(request.key).levels().size() > topic_levels_max)
        return failure{error::invalid, "a binding key with more than " + std::to_string(topic_levels_max) + " levels"};
    if (binding* existing = find_binding(request)) {
        existing->options = request.options ? request.options : default_options_;
        changed_routes(*existing);
        return bound{true, existing->durable ? save(*existing) : 0};
    }
    TRY(check_binding(request.source->rules(), request.key, request.arguments));
    const bool durable = request.source->definition().durable && (request.to_queue ? request.to_queue->durable()
                                                                                   : request.to_exchange->definition().durable);
    if (durable && !store_.available()) return failure{error::storage_unavailable, "storage is not available"};
    binding& made = create_binding(binding_id{++last_id_}, std::move(request));
    made.durable = durable;
    return bound{false, durable ? save(made) : 0};
}

binding& broker::create_binding(binding_id id, binding_request request) {
    auto made = std::make_unique<binding>();
    made->id = id;
    made->source = request.source;
    made->to_queue = request.to_queue;
    made->to_exchange = request.to_exchange;
    made->from = request.from ? request.from : origins_.amqp;
    made->key = request.key;
    made->arguments = std::move(request.arguments);
    made->options = request.options ? request.options : default_options_;
    if (const field_value* dollar = find(made->arguments, "x-match-dollar"))
        made->match_dollar = *dollar == field_value(true);
    binding& b = request.source->add(std::move(made));
    std::vector<binding*>& incoming = b.to_queue ? b.to_queue->incoming : b.to_exchange->incoming;
    b.incoming_place = static_cast<std::uint32_t>(incoming.size());
    incoming.push_back(&b);
    if (b.to_queue && b.to_queue->session()) ++subscriptions_;
    changed_routes(b);
    return b;
}

commit_number broker::save(binding& b) {
    record::binding_record r{.source = b.source->id(),
                             .to_queue = b.to_queue ? b.to_queue->id() : queue_id::none,
                             .to_exchange = b.to_exchange ? b.to_exchange->id() : exchange_id::none,
                             .from = b.from->id(),
                             .key = b.key,
                             .arguments = b.arguments,
                             .options = b.options};
    return b.saved_by = put_record(table::bindings, record::key(number(b.id)), r);
}

binding* broker::find_binding(const binding_request& request) const {
    binding like;
    like.to_queue = request.to_queue;
    like.to_exchange = request.to_exchange;
    like.from = request.from ? request.from : origins_.amqp;
    like.key = request.key;
    like.arguments = request.arguments;
    return request.source->find(like);
}

bool broker::is_bound(const binding_request& request) const { return find_binding(request) != nullptr; }

outcome<broker::unbound> broker::unbind(const binding_request& request) {
    binding* b = find_binding(request);
    if (!b) return unbound{false, 0};
    exchange& source = *request.source;
    const commit_number commit = remove_binding(*b);
    delete_unused({source.name()});
    return unbound{true, commit};
}

commit_number broker::remove_binding(binding& b) {
    std::vector<binding*>& incoming = b.to_queue ? b.to_queue->incoming : b.to_exchange->incoming;
    incoming[b.incoming_place] = incoming.back();
    incoming[b.incoming_place]->incoming_place = b.incoming_place;
    incoming.pop_back();
    if (b.to_queue && b.to_queue->session()) --subscriptions_;
    changed_routes(b);
    const std::unique_ptr<binding> removed = b.source->remove(b);
    return removed->durable ? erase(table::bindings, record::key(number(removed->id))) : 0;
}

commit_number broker::remove_bindings(const std::vector<binding*>& all, std::vector<std::string>& sources) {
    commit_number commit = 0;
    for (binding* b : all) {
        if (b->source->definition().auto_delete) sources.push_back(b->source->name());
        commit = std::max(commit, remove_binding(*b));
    }
    return commit;
}

}  // namespace causeway::core
