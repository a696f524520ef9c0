#pragma once
// A double-ended queue in one block of memory that grows by doubling: no memory while it is empty, no allocation per element,
// random access. Inserting in the middle moves the nearer side. Not for elements whose move can throw.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/block_cache.hpp"
#include "base/check.hpp"

namespace causeway {

template <class T>
class ring {
    template <bool Const>
    class basic_iterator {
    public:
        using owner = std::conditional_t<Const, const ring, ring>;
        using value_type = T;
        using reference = std::conditional_t<Const, const T&, T&>;
        using pointer = std::conditional_t<Const, const T*, T*>;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::random_access_iterator_tag;

        basic_iterator() = default;
        basic_iterator(owner* of, std::size_t index) : of_(of), index_(index) {}

        reference operator*() const { return (*of_)[index_]; }
        pointer operator->() const { return &(*of_)[index_]; }
        reference operator[](difference_type n) const { return *(*this + n); }
        basic_iterator& operator+=(difference_type n) {
            index_ = static_cast<std::size_t>(static_cast<difference_type>(index_) + n);
            return *this;
        }
        basic_iterator& operator-=(difference_type n) { return *this += -n; }
        basic_iterator& operator++() { return *this += 1; }
        basic_iterator& operator--() { return *this -= 1; }
        basic_iterator operator++(int) { return std::exchange(*this, *this + 1); }
        basic_iterator operator--(int) { return std::exchange(*this, *this - 1); }
        friend basic_iterator operator+(basic_iterator a, difference_type n) { return a += n; }
        friend basic_iterator operator+(difference_type n, basic_iterator a) { return a += n; }
        friend basic_iterator operator-(basic_iterator a, difference_type n) { return a -= n; }
        friend difference_type operator-(basic_iterator a, basic_iterator b) {
            return static_cast<difference_type>(a.index_) - static_cast<difference_type>(b.index_);
        }
        bool operator==(const basic_iterator& other) const { return index_ == other.index_; }
        auto operator<=>(const basic_iterator& other) const { return index_ <=> other.index_; }

        std::size_t index() const { return index_; }

    private:
        owner* of_ = nullptr;
        std::size_t index_ = 0;
    };

public:
    using value_type = T;
    using iterator = basic_iterator<false>;
    using const_iterator = basic_iterator<true>;

    static_assert(std::is_nothrow_move_constructible_v<T>);

    ring() = default;
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ring(ring&& other) noexcept { swap(other); }
    ring& operator=(ring&& other) noexcept {
        ring(std::move(other)).swap(*this);
        return *this;
    }
    ~ring() { clear(); }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    T& operator[](std::size_t index) { return *place(index); }
    const T& operator[](std::size_t index) const { return *place(index); }
    T& front() { return *place(0); }
    const T& front() const { return *place(0); }
    T& back() { return *place(size_ - 1); }
    const T& back() const { return *place(size_ - 1); }

    iterator begin() { return {this, 0}; }
    iterator end() { return {this, size_}; }
    const_iterator begin() const { return {this, 0}; }
    const_iterator end() const { return {this, size_}; }

    void push_back(const T& value) { push_back(T(value)); }
    /// Not one of the ring's own.
    void push_back(T&& value) {
        make_room();
        ++size_;
        std::construct_at(place(size_ - 1), std::move(value));
    }
    void push_front(T value) {
        make_room();
        first_ = (first_ + capacity_ - 1) & (capacity_ - 1);
        ++size_;
        std::construct_at(place(0), std::move(value));
    }
    void pop_front() {
        std::destroy_at(place(0));
        first_ = (first_ + 1) & (capacity_ - 1);
        if (--size_ == 0) release();
    }
    void pop_back() {
        std::destroy_at(place(size_ - 1));
        if (--size_ == 0) release();
    }
    iterator insert(iterator before, T value) {
        const std::size_t index = before.index();
        if (index < size_ / 2) {
            push_front(std::move(value));
            std::rotate(begin(), begin() + 1, begin() + static_cast<std::ptrdiff_t>(index) + 1);
        } else {
            push_back(std::move(value));
            std::rotate(begin() + static_cast<std::ptrdiff_t>(index), end() - 1, end());
        }
        return {this, index};
    }

    /// Gives the memory back, too.
    void clear() {
        while (!empty()) pop_back();
        free_block();
    }

    void swap(ring& other) noexcept {
        std::swap(block_, other.block_);
        std::swap(capacity_, other.capacity_);
        std::swap(first_, other.first_);
        std::swap(size_, other.size_);
    }

private:
    /// A small block is kept when the ring runs empty, so that one element coming and going costs nothing.
    static constexpr std::size_t kept_bytes_max = 1024;

    T* place(std::size_t index) const { return block_ + ((first_ + index) & (capacity_ - 1)); }

    void make_room() {
        if (size_ < capacity_) return;
        const std::size_t wanted = capacity_ == 0 ? 4 : capacity_ * 2;
        ENSURE(wanted <= UINT32_MAX);
        T* fresh = static_cast<T*>(take_block(wanted * sizeof(T)));
        for (std::size_t i = 0; i < size_; ++i) {
            std::construct_at(fresh + i, std::move(*place(i)));
            std::destroy_at(place(i));
        }
        free_block();
        block_ = fresh;
        capacity_ = static_cast<std::uint32_t>(wanted);
    }
    void release() {
        first_ = 0;
        if (capacity_ * sizeof(T) > kept_bytes_max) free_block();
    }
    void free_block() {
        if (block_) give_block(block_, capacity_ * sizeof(T));
        block_ = nullptr;
        capacity_ = 0;
        first_ = 0;
    }

    T* block_ = nullptr;
    std::uint32_t capacity_ = 0;  // 0 or a power of two
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace causeway
