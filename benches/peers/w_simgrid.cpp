// Workload W in SimGrid: an actor for each worker and each GPU, and a flow for each file.
//
// A worker waits for a slot, sleeps for the latency, sends itself a file from the file system over the node's interface
// in max-min fair shares, and queues the sample; a GPU takes a batch, computes, and all meet at a barrier. The network
// model is the flow model without corrections for TCP, so that both simulators answer the same question.
//
// c++ -O2 w_simgrid.cpp -lsimgrid -o w_simgrid; w_simgrid GPUS NIC_MB RATE_MB SAMPLES SEED [tuned]
//
// `tuned` is the fastest that was found: counters in place of semaphores, and all flows brought up to date at every
// change, which saves more in book-keeping than it costs.
//
// Prints one JSON object: `epoch_s`, simulated; `cpu_s`, of the simulation alone, without the program's start.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>
#include <xbt/log.h>

namespace s4u = simgrid::s4u;

namespace {

constexpr double LATENCY_MEAN_S = 0.010, LATENCY_SIGMA = 0.5;
constexpr double FILE_MEAN_BYTES = 110e3, FILE_SIGMA = 0.6;
constexpr double CONNECTION_BYTES_PER_S = 100e6;
constexpr int GPUS_PER_NODE = 8, WORKERS = 8, BATCH = 256, SLOTS = 1024;
constexpr double STEP_S = 0.2;

std::lognormal_distribution<double> lognormal(double mean, double sigma) {
  return std::lognormal_distribution<double>(std::log(mean) - sigma * sigma / 2, sigma);
}

// What the workers and the trainer of one GPU share: room in the buffer, and the samples in it.
struct Buffer {
  virtual ~Buffer() = default;
  virtual void take_slot() = 0;
  virtual void queue_sample() = 0;
  virtual void take_batch() = 0;
};

// As one writes it: two semaphores.
struct Semaphores : Buffer {
  s4u::SemaphorePtr slots = s4u::Semaphore::create(SLOTS);
  s4u::SemaphorePtr samples = s4u::Semaphore::create(0);

  void take_slot() override { slots->acquire(); }
  void queue_sample() override { samples->release(); }
  void take_batch() override {
    for (int sample = 0; sample < BATCH; ++sample)
      samples->acquire();
    for (int sample = 0; sample < BATCH; ++sample)
      slots->release();
  }
};

// As fast as it goes: counters that all actors see, since they take turns, and a call of the kernel only to sleep.
struct Counters : Buffer {
  int held = 0, queued = 0;
  s4u::MutexPtr mutex = s4u::Mutex::create();
  s4u::ConditionVariablePtr room = s4u::ConditionVariable::create();
  s4u::ConditionVariablePtr filled = s4u::ConditionVariable::create();

  void take_slot() override {
    if (held == SLOTS) {
      std::unique_lock<s4u::Mutex> lock(*mutex);
      while (held == SLOTS)
        room->wait(lock);
    }
    ++held;
  }
  void queue_sample() override {
    if (++queued == BATCH)
      filled->notify_one();
  }
  void take_batch() override {
    if (queued < BATCH) {
      std::unique_lock<s4u::Mutex> lock(*mutex);
      while (queued < BATCH)
        filled->wait(lock);
    }
    queued -= BATCH;
    held -= BATCH;
    room->notify_all();
  }
};

struct Gpu {
  long unread;
  std::unique_ptr<Buffer> buffer;
};

void work(std::shared_ptr<Gpu> gpu, s4u::Host* storage, s4u::Host* node, std::mt19937_64* chance) {
  auto latency = lognormal(LATENCY_MEAN_S, LATENCY_SIGMA);
  auto size = lognormal(FILE_MEAN_BYTES, FILE_SIGMA);
  while (gpu->unread > 0) {
    --gpu->unread;
    gpu->buffer->take_slot();
    s4u::this_actor::sleep_for(latency(*chance));
    auto bytes = static_cast<uint64_t>(size(*chance));
    // A flow starts once both its ends are known, so they come last.
    auto flow = s4u::Comm::sendto_init();
    flow->set_rate(CONNECTION_BYTES_PER_S)->set_payload_size(bytes);
    flow->set_source(storage)->set_destination(node)->wait();
    gpu->buffer->queue_sample();
  }
}

void train(std::shared_ptr<Gpu> gpu, long steps, s4u::BarrierPtr barrier) {
  for (long step = 0; step < steps; ++step) {
    gpu->buffer->take_batch();
    s4u::this_actor::sleep_for(STEP_S);
    barrier->wait();
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  s4u::Engine engine(&argc, argv);
  const bool tuned = argc == 7 && std::string(argv[6]) == "tuned";
  if (argc != 6 && !tuned) {
    std::fprintf(stderr, "usage: %s GPUS NIC_MB RATE_MB SAMPLES SEED [tuned]\n", argv[0]);
    return 2;
  }
  const int gpus = std::atoi(argv[1]);
  const double nic = std::atof(argv[2]) * 1e6, rate = std::atof(argv[3]) * 1e6;
  const long steps = std::atol(argv[4]) / (static_cast<long>(gpus) * BATCH);
  std::mt19937_64 chance(std::strtoull(argv[5], nullptr, 10));
  xbt_log_control_set("xbt_cfg.thresh:warning");
  s4u::Engine::set_config("network/model:CM02");
  s4u::Engine::set_config("network/TCP-gamma:0");
  s4u::Engine::set_config("network/crosstraffic:0");
  if (tuned)
    s4u::Engine::set_config("network/optim:Full");

  auto* zone = s4u::create_full_zone("site");
  auto* storage = zone->create_host("storage", 1e9)->seal();
  const auto* served = zone->create_link("file system", rate)->seal();
  std::vector<s4u::Host*> nodes;
  for (int index = 0; index < gpus / GPUS_PER_NODE; ++index) {
    auto* node = zone->create_host("node " + std::to_string(index), 1e9)->seal();
    const auto* interface = zone->create_link("interface " + std::to_string(index), nic)->seal();
    zone->add_route(storage->get_netpoint(), node->get_netpoint(), nullptr, nullptr,
                    {s4u::LinkInRoute(served), s4u::LinkInRoute(interface)}, true);
    nodes.push_back(node);
  }
  zone->seal();

  auto barrier = s4u::Barrier::create(gpus);
  for (int index = 0; index < gpus; ++index) {
    auto gpu = std::make_shared<Gpu>();
    gpu->unread = steps * BATCH;
    if (tuned)
      gpu->buffer = std::make_unique<Counters>();
    else
      gpu->buffer = std::make_unique<Semaphores>();
    auto* node = nodes[index / GPUS_PER_NODE];
    for (int worker = 0; worker < WORKERS; ++worker)
      s4u::Actor::create("worker", node, work, gpu, storage, node, &chance);
    s4u::Actor::create("trainer", node, train, gpu, steps, barrier);
  }
  const std::clock_t began = std::clock();
  engine.run();
  const double cpu = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  std::printf("{\"epoch_s\": %.9f, \"cpu_s\": %.6f}\n", s4u::Engine::get_clock(), cpu);
  return 0;
}
